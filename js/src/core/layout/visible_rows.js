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
 * The heading that a list shows at its top: that of the open stage whose layers are scrolling by. The next heading pushes it away.
 *
 * @param {{level?: number, note?: string}[]} rows headings have a note, and the rows of a stage a level above 1
 * @param {number} top scroll position, in pixels
 * @param {number} row height of a row
 * @returns {{index: number, shift: number} | null} index of the heading, and how far it is moved down; null for none
 */
export function pinnedStage(rows, top, row) {
  const first = Math.floor(top / row);
  const index = rows.findLastIndex(({ level = 1 }, at) => at <= first && level === 1);
  if (index < 0 || rows[index]?.note === undefined || index * row >= top) return null;
  const next = rows.findIndex(({ level = 1 }, at) => at > index && level === 1);
  const end = (next < 0 ? rows.length : next) * row;
  return end - row === index * row ? null : { index, shift: Math.min(0, end - row - top) };
}

/**
 * The scroll position that makes a row visible; the current position if the row is visible already.
 * @param {number} index
 * @param {{top: number, height: number, row: number, covered?: number}} list `covered` pixels at the top are hidden
 */
export function scrollFor(index, { top, height, row, covered = 0 }) {
  const margin = Math.min(4, Math.max(0, (height - row) / 2));
  if (index * row < top + covered) return Math.max(0, index * row - covered - margin);
  if ((index + 1) * row > top + height) return (index + 1) * row - height + margin;
  return top;
}
