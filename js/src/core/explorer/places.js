/** Where the positions of a layer are in the image. All lengths are pixels of the image. */

/**
 * @typedef {object} Places
 * @property {string} layer
 * @property {boolean} spatial whether the layer has positions
 * @property {number} rows
 * @property {number} columns
 * @property {number} height of the image
 * @property {number} width of the image
 * @property {[number, number]} start center of the first position
 * @property {[number, number]} stride
 * @property {[number, number] | null} field receptive field
 */

/** The box around all positions, each as large as the distance to its neighbors. @param {Places} places */
export function extent({ rows, columns, start, stride }) {
  return { x: start[1] - stride[1] / 2, y: start[0] - stride[0] / 2, width: columns * stride[1], height: rows * stride[0] };
}

/** The box of one position. @param {Places} places @param {number[]} position */
export function cellBox({ start, stride }, [row = 0, column = 0]) {
  return { x: start[1] + (column - 0.5) * stride[1], y: start[0] + (row - 0.5) * stride[0], width: stride[1], height: stride[0] };
}

/** What a position sees, clipped at the edges of the image; null if unknown. @param {Places} places @param {number[]} position */
export function fieldBox({ start, stride, field, height, width }, [row = 0, column = 0]) {
  if (!field) return null;
  const [y, x] = [start[0] + row * stride[0], start[1] + column * stride[1]];
  const [top, left] = [Math.max(0, y - field[0] / 2), Math.max(0, x - field[1] / 2)];
  return { x: left, y: top, width: Math.min(width, x + field[1] / 2) - left, height: Math.min(height, y + field[0] / 2) - top };
}

/** The position nearest to a point of the image. @param {Places} places @param {number} x @param {number} y @returns {[number, number]} */
export function positionAt({ rows, columns, start, stride }, x, y) {
  const near = (/** @type {number} */ at, /** @type {number} */ first, /** @type {number} */ apart, /** @type {number} */ count) =>
    Math.max(0, Math.min(count - 1, Math.round((at - first) / apart)));
  return [near(y, start[0], stride[0], rows), near(x, start[1], stride[1], columns)];
}

/**
 * The position that a key leads to; null if it is no such key.
 * @param {string} key @param {number[]} position @param {Places} places
 * @returns {[number, number] | null}
 */
export function moved(key, [row = 0, column = 0], { rows, columns }) {
  /** @type {Record<string, [number, number]>} */
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, 0],
    End: [row, columns - 1],
    PageUp: [0, column],
    PageDown: [rows - 1, column],
  };
  const found = to[key];
  return found ? [Math.max(0, Math.min(rows - 1, found[0])), Math.max(0, Math.min(columns - 1, found[1]))] : null;
}
