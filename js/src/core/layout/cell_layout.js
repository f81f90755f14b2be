/**
 * Where the cells of a grid are, and where keys lead. No DOM.
 *
 * @typedef {object} Layout
 * @property {number} columns
 * @property {number} size of a picture, in CSS pixels
 */

/** Between two cells. */
export const GAP = 8;
/** Under a picture, for its number or name. */
export const CAPTION = 18;
/** Sizes that a picture may be about as large as. */
export const SIZES = [40, 56, 76, 104, 144];
/** The place in `SIZES` of what is chosen first. */
export const FIRST_SIZE = 2;

/**
 * As many columns as fit; then the pictures grow until they fill the width.
 * @param {number} width
 * @param {number} wanted size of a picture
 * @returns {Layout}
 */
export function layoutFor(width, wanted) {
  const columns = Math.max(1, Math.floor((width + GAP) / (wanted + GAP)));
  return { columns, size: Math.max(24, Math.floor((width + GAP) / columns) - GAP) };
}

/** @param {Layout} layout @returns {number} from one row to the next */
export function rowHeight({ size }) {
  return size + CAPTION + GAP;
}

/**
 * Where a key takes the highlight.
 * @param {string} key as in KeyboardEvent.key
 * @param {number} index now, -1 for nowhere
 * @param {{columns: number, rows: number, count: number}} grid `rows` that can be seen at once
 * @returns {number | null} null: not a key that moves
 */
export function moveCell(key, index, { columns, rows, count }) {
  if (count === 0) return null;
  const last = count - 1;
  const from = Math.max(0, index);
  /** As far down or up as there is a row, in the same column. @param {number} by */
  const vertical = (by) => {
    const column = from % columns;
    const bottom = Math.floor((last - column) / columns);
    return column + columns * Math.max(0, Math.min(bottom, Math.floor(from / columns) + by));
  };
  if (index < 0 && /^(Arrow|Page|Home|End)/.test(key)) return key === "End" ? last : 0;
  switch (key) {
    case "ArrowRight":
      return Math.min(last, from + 1);
    case "ArrowLeft":
      return Math.max(0, from - 1);
    case "ArrowDown":
      return vertical(1);
    case "ArrowUp":
      return vertical(-1);
    case "PageDown":
      return vertical(Math.max(1, rows - 1));
    case "PageUp":
      return vertical(-Math.max(1, rows - 1));
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/**
 * The places whose channel fits a search: its number begins so, or every word is found in its name. The channel of that
 * very number comes first.
 * @param {number[]} units by place
 * @param {string[]} labels by unit; empty where they have none
 * @param {string} query
 * @returns {number[]} places
 */
export function filterCells(units, labels, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const places = units.map((_, place) => place);
  if (words.length === 0) return places;
  const number = /^\d+$/.test(query.trim()) ? query.trim() : null;
  const found = places.filter((place) => {
    const unit = /** @type {number} */ (units[place]);
    if (number !== null && String(unit).startsWith(number)) return true;
    const name = labels[unit]?.toLowerCase();
    return name !== undefined && words.every((word) => name.includes(word));
  });
  const exact = found.findIndex((place) => String(units[place]) === number);
  return exact > 0 ? [.../** @type {number[]} */ (found.splice(exact, 1)), ...found] : found;
}
