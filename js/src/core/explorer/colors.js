/** Colors of maps: orange speaks for, blue against, everywhere. Groups have colors of equal lightness. */

const FOR = [255, 145, 30];
const AGAINST = [62, 140, 255];
/** Opacity of the largest value. */
const STRONG = 0.86;
/** Below 1, weak values stay visible. */
const CURVE = 0.7;

/** @typedef {[number, number, number, number]} Pixel */

/** A color for a value between the largest negative and the largest positive one. @param {number} most the largest absolute value */
export function signed(most) {
  return (/** @type {number} */ value) => pixel(value < 0 ? AGAINST : FOR, Math.abs(value) / most);
}

/** @param {number[]} color @param {number} share @returns {Pixel} */
function pixel([red = 0, green = 0, blue = 0], share) {
  return [red, green, blue, Math.round(255 * STRONG * Math.min(1, share || 0) ** CURVE)];
}

/** The color of a group, as CSS: all groups have the same lightness and chroma. @param {number} index @param {number} count */
export function groupColor(index, count) {
  return `oklch(0.72 0.15 ${Math.round((360 * index) / count + 40) % 360})`;
}

/** The same as red, green and blue from 0 to 255. @param {number} index @param {number} count @returns {[number, number, number]} */
export function groupPixel(index, count) {
  const hue = (((360 * index) / count + 40) * Math.PI) / 180;
  const [a, b] = [0.15 * Math.cos(hue), 0.15 * Math.sin(hue)];
  const [l, m, s] = [(0.72 + 0.3963377774 * a + 0.2158037573 * b) ** 3, (0.72 - 0.1055613458 * a - 0.0638541728 * b) ** 3, (0.72 - 0.0894841775 * a - 1.291485548 * b) ** 3];
  const linear = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s];
  const bytes = linear.map((value) => 255 * (value <= 0.0031308 ? 12.92 * Math.max(0, value) : 1.055 * Math.min(1, value) ** (1 / 2.4) - 0.055));
  return /** @type {[number, number, number]} */ (bytes.map(Math.round));
}
