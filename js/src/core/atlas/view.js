/** The part of a square map that a view shows. The map reaches from 0 to 1, across and down. */

/** @typedef {{x: number, y: number, zoom: number}} View the point in the middle, and the magnification */
/** @typedef {{width: number, height: number}} Size in CSS pixels */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/** Smallest side of a cell in CSS pixels at which a finer grid replaces a coarser one. */
export const SMALLEST_CELL = 40;
/** Side in CSS pixels to which cells of the finest grid can be magnified. */
const LARGEST_CELL = 192;

/** @type {View} */
export const WHOLE = { x: 0.5, y: 0.5, zoom: 1 };

/** CSS pixels per unit of the map. @param {View} view @param {Size} size */
export function scaleOf(view, { width, height }) {
  return view.zoom * Math.min(width, height);
}

/** The largest magnification. @param {number[]} grids @param {Size} size */
export function largestZoom(grids, { width, height }) {
  return Math.max(1, (LARGEST_CELL * Math.max(1, ...grids)) / Math.max(1, Math.min(width, height)));
}

/** A view that shows as much of the map as it can. @param {View} view @param {Size} size @param {number} most */
export function clamped(view, size, most) {
  const zoom = Math.max(1, Math.min(most, view.zoom));
  const scale = scaleOf({ ...view, zoom }, size);
  const within = (/** @type {number} */ at, /** @type {number} */ length) => {
    const half = length / 2 / scale;
    return half >= 0.5 ? 0.5 : Math.max(half, Math.min(1 - half, at));
  };
  return { x: within(view.x, size.width), y: within(view.y, size.height), zoom };
}

/** The point of the map at a point of the screen. @param {View} view @param {Size} size @param {number} left @param {number} top */
export function pointAt(view, size, left, top) {
  const scale = scaleOf(view, size);
  return { x: view.x + (left - size.width / 2) / scale, y: view.y + (top - size.height / 2) / scale };
}

/** Magnifies a view. The point of the map under a point of the screen stays there. @param {View} view @param {Size} size @param {number} factor @param {number} left @param {number} top @param {number} most */
export function zoomedAt(view, size, factor, left, top, most) {
  const zoom = Math.max(1, Math.min(most, view.zoom * factor));
  const fixed = pointAt(view, size, left, top);
  const scale = scaleOf({ ...view, zoom }, size);
  return clamped({ x: fixed.x - (left - size.width / 2) / scale, y: fixed.y - (top - size.height / 2) / scale, zoom }, size, most);
}

/** The finest grid whose cells are large enough. @param {number[]} grids ascending @param {number} scale */
export function gridFor(grids, scale) {
  return grids.findLast((grid) => scale / grid >= SMALLEST_CELL) ?? grids[0] ?? 1;
}

/** A cell on the screen. @param {View} view @param {Size} size @param {number} grid @param {number} row @param {number} column @returns {Box} */
export function boxOf(view, size, grid, row, column) {
  const scale = scaleOf(view, size);
  const left = (column / grid - view.x) * scale + size.width / 2;
  const top = (row / grid - view.y) * scale + size.height / 2;
  return { left, top, right: left + scale / grid, bottom: top + scale / grid };
}

/** Whether a box can be seen. @param {Box} box @param {Size} size */
export function isSeen({ left, top, right, bottom }, { width, height }) {
  return right > 0 && bottom > 0 && left < width && top < height;
}

/** A view moved so that a cell is wholly in it, if it is not. @param {View} view @param {Size} size @param {number} grid @param {number} row @param {number} column @param {number} most */
export function revealing(view, size, grid, row, column, most) {
  const scale = scaleOf(view, size);
  const { left, top, right, bottom } = boxOf(view, size, grid, row, column);
  const across = left < 0 ? left : right > size.width ? right - size.width : 0;
  const down = top < 0 ? top : bottom > size.height ? bottom - size.height : 0;
  return clamped({ x: view.x + across / scale, y: view.y + down / scale, zoom: view.zoom }, size, most);
}

/**
 * The nearest cell in a direction. Cells that lie straight ahead count as nearer than those at the side.
 * @param {Int32Array} places row and column of each cell
 * @param {number} from number of a cell
 * @param {number} down
 * @param {number} across
 * @returns {number} number of the cell; the same one if there is none
 */
export function neighbor(places, from, down, across) {
  const [row = 0, column = 0] = [places[2 * from], places[2 * from + 1]];
  let best = from;
  let least = Infinity;
  for (let index = 0; index < places.length / 2; index += 1) {
    const [y, x] = [/** @type {number} */ (places[2 * index]) - row, /** @type {number} */ (places[2 * index + 1]) - column];
    const ahead = y * down + x * across;
    const aside = Math.abs(y * across) + Math.abs(x * down);
    if (ahead <= 0 || ahead + 3 * aside >= least) continue;
    [best, least] = [index, ahead + 3 * aside];
  }
  return best;
}
