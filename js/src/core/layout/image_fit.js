/** Largest height of an image in CSS pixels. A taller image would push the controls below it off the screen. */
export const TALLEST = 520;
/** An image is enlarged at most this many times, or up to this many CSS pixels: a small image would only become blurry. */
const MOST_ENLARGED = 4;
const LEAST_SIDE = 240;

/**
 * Displayed size of an image.
 *
 * @param {object} options
 * @param {number} options.width of the image
 * @param {number} options.height of the image
 * @param {number} options.room available width, in CSS pixels
 * @param {number} options.density screen pixels per CSS pixel
 * @param {number} options.zoom screen pixels per image pixel; 0 fits the image into the available width
 * @param {boolean} options.pixelated
 * @returns {{width: number, height: number, crisp: boolean, enlarged: boolean}} size in CSS pixels; whether to draw
 *   sharp pixels; and whether the image is enlarged enough for that to be visible
 */
export function fitted({ width, height, room, density, zoom, pixelated }) {
  let shown = (zoom * width) / density;
  if (zoom === 0) {
    const most = Math.max((MOST_ENLARGED * width) / density, LEAST_SIDE * Math.min(1, width / height));
    shown = Math.min(room, (TALLEST * width) / height, most);
    const times = Math.floor((shown * density) / width);
    if (pixelated && times >= 2) shown = (times * width) / density;
  }
  const enlarged = (shown * density) / width >= 2;
  return { width: shown, height: (shown * height) / width, crisp: pixelated && enlarged, enlarged };
}
