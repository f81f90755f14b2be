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

/**
 * A number as a person types it, with a point or a comma.
 * @param {string} typed
 * @returns {number | null} null for anything else
 */
export function parseReal(typed) {
  const clean = typed.trim().replace("−", "-").replace(",", ".");
  return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(clean) ? Number(clean) : null;
}

/** 0.1, 0.2, 0.5, 1, 2, 5, 10: what arrow keys go along where a number spans decades. */
const SERIES = [1, 2, 5];

/**
 * The value that a key asks a number field for whose numbers span decades.
 * @param {string} key as in KeyboardEvent.key
 * @param {number} value
 * @param {{min: number, max: number | null}} range
 * @returns {number | null} null: not such a key
 */
export function stepDecades(key, value, { min, max }) {
  if (key === "PageUp" || key === "PageDown") return clamp(exact(key === "PageUp" ? value * 10 : value / 10), min, max);
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const decade = Math.floor(Math.log10(Math.max(value, min)) + 1e-9);
  const around = [-1, 0, 1].flatMap((more) => SERIES.map((n) => exact(n * 10 ** (decade + more))));
  const next = key === "ArrowUp" ? around.find((n) => n > value * 1.001) : around.findLast((n) => n < value / 1.001);
  return clamp(next ?? value, min, max);
}

/** Without the tail that binary fractions leave. @param {number} value */
function exact(value) {
  return Number(value.toPrecision(6));
}
