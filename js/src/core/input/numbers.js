/**
 * Parses a whole number as a user types it.
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
 * @param {number | null} max null: no known upper bound
 */
export function clamp(value, min, max) {
  return Math.max(min, max === null ? value : Math.min(max, value));
}

/**
 * The value of a number field after a key press.
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
 * Parses a number as a user types it, with a decimal point or comma.
 * @param {string} typed
 * @returns {number | null} null for anything else
 */
export function parseReal(typed) {
  const clean = typed.trim().replace("−", "-").replace(",", ".");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(clean)) return null;
  const value = Number(clean);
  return Number.isFinite(value) ? value : null;
}

/** Arrow keys move through 0.1, 0.2, 0.5, 1, 2, 5, 10, ... in fields whose values span orders of magnitude. */
const SERIES = [1, 2, 5];

/**
 * The value after a key press of a number field whose values span orders of magnitude.
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

/** Rounds away binary floating-point error. @param {number} value */
function exact(value) {
  return Number(value.toPrecision(6));
}
