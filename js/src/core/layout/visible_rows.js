/**
 * Rows of a long list to draw: the visible ones and some on either side, so that fast scrolling shows no gaps.
 *
 * @param {object} list
 * @param {number} list.top scroll position, in pixels
 * @param {number} list.height height of the visible part
 * @param {number} list.row height of a row
 * @param {number} list.count number of rows
 * @param {number} [list.spare] extra rows on either side
 * @returns {{first: number, end: number}} `end` is exclusive
 */
export function rowsInView({ top, height, row, count, spare = 8 }) {
  const first = Math.max(0, Math.floor(top / row) - spare);
  const end = Math.min(count, Math.ceil((top + height) / row) + spare);
  return { first: Math.min(first, end), end };
}

/**
 * The scroll position that makes a row visible; the current position if the row is visible already.
 * @param {number} index
 * @param {{top: number, height: number, row: number}} list
 */
export function scrollFor(index, { top, height, row }) {
  const margin = Math.min(4, Math.max(0, (height - row) / 2));
  if (index * row < top) return Math.max(0, index * row - margin);
  if ((index + 1) * row > top + height) return (index + 1) * row - height + margin;
  return top;
}
