/**
 * Which rows of a long list to draw: those that can be seen and some on either side, so that a quick scroll shows no
 * gaps.
 * @param {object} list
 * @param {number} list.top how far it is scrolled, in pixels
 * @param {number} list.height of what can be seen
 * @param {number} list.row height of a row
 * @param {number} list.count of rows
 * @param {number} [list.spare] rows on either side
 * @returns {{first: number, end: number}} `end` is not drawn any more
 */
export function rowsInView({ top, height, row, count, spare = 8 }) {
  const first = Math.max(0, Math.floor(top / row) - spare);
  const end = Math.min(count, Math.ceil((top + height) / row) + spare);
  return { first: Math.min(first, end), end };
}

/**
 * Where to scroll so that a row can be seen; where it can be seen already, nowhere.
 * @param {number} index
 * @param {{top: number, height: number, row: number}} list
 */
export function scrollFor(index, { top, height, row }) {
  const margin = Math.min(4, Math.max(0, (height - row) / 2));
  if (index * row < top) return Math.max(0, index * row - margin);
  if ((index + 1) * row > top + height) return (index + 1) * row - height + margin;
  return top;
}
