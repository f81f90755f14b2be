/** The tallest a picture gets, in CSS pixels: beyond, the controls below it would leave the screen. */
const TALLEST = 520;
/** A picture is fitted to no more than this many times its size, or this many CSS pixels: a small one would only blur. */
const MOST_ENLARGED = 4;
const LEAST_SIDE = 240;

/**
 * How large a picture is shown.
 *
 * @param {object} options
 * @param {number} options.width of the picture
 * @param {number} options.height of the picture
 * @param {number} options.room in CSS pixels
 * @param {number} options.density screen pixels in a CSS pixel
 * @param {number} options.zoom screen pixels for each of the picture's; 0 fits it into the room
 * @param {boolean} options.pixelated
 * @returns {{width: number, height: number, crisp: boolean, enlarged: boolean}} CSS pixels; whether to show whole pixels,
 *   and whether it is enlarged so far that it makes a difference
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
