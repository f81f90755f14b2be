/**
 * A whole number as a person types it.
 * @param {string} typed
 * @returns {number | null} null for anything else
 */
export function parseWhole(typed) {
  const clean = typed.trim().replace("−", "-");
  return /^-?\d{1,15}$/.test(clean) ? Number(clean) : null;
}

/**
 * @param {number} value
 * @param {number} min
 * @param {number | null} max null: no upper end is known
 */
export function clamp(value, min, max) {
  return Math.max(min, max === null ? value : Math.min(max, value));
}

/**
 * The value that a key asks a number field for.
 * @param {string} key as in KeyboardEvent.key
 * @param {number} value
 * @param {{min: number, max: number | null, step?: number, page?: number}} range
 * @returns {number | null} null: not such a key
 */
export function stepNumber(key, value, { min, max, step = 1, page = 10 }) {
  switch (key) {
    case "ArrowUp":
      return clamp(value + step, min, max);
    case "ArrowDown":
      return clamp(value - step, min, max);
    case "PageUp":
      return clamp(value + page, min, max);
    case "PageDown":
      return clamp(value - page, min, max);
    default:
      return null;
  }
}
