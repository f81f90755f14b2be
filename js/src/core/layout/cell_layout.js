import { holds, parseQuery } from "./cell_query.js";

/**
 * Positions of the cells of a grid and keyboard movement between them. No DOM.
 *
 * @typedef {object} Layout
 * @property {number} columns
 * @property {number} size width and height of an image, in CSS pixels
 */

/** Space between two cells, in CSS pixels. */
export const GAP = 8;
/** Height of the caption under an image. */
export const CAPTION = 18;
/** Image sizes that the user can choose from; the layout enlarges them to fill the width. */
export const SIZES = [40, 56, 76, 104, 144];
/** Initial index into `SIZES`. */
export const FIRST_SIZE = 2;

/**
 * Returns the layout with as many columns as fit, and images enlarged to fill the width.
 * @param {number} width
 * @param {number} wanted smallest size of an image
 * @returns {Layout}
 */
export function layoutFor(width, wanted) {
  const columns = Math.max(1, Math.floor((width + GAP) / (wanted + GAP)));
  return { columns, size: Math.max(24, Math.floor((width + GAP) / columns) - GAP) };
}

/** @param {Layout} layout @returns {number} distance between the tops of two rows */
export function rowHeight({ size }) {
  return size + CAPTION + GAP;
}

/**
 * The highlighted cell after a key press.
 * @param {string} key as in KeyboardEvent.key
 * @param {number} index the highlighted cell before; -1 for none
 * @param {{columns: number, rows: number, count: number}} grid `rows`: number of visible rows
 * @returns {number | null} null if the key does not move the highlight
 */
export function moveCell(key, index, { columns, rows, count }) {
  if (count === 0) return null;
  const last = count - 1;
  const from = Math.max(0, index);
  /** Moves by rows within the column, as far as there are rows. @param {number} by */
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
 * Places of the channels that match a query: the number starts with it, or the name contains each of its words, and its
 * comparisons hold. A channel whose number equals the query comes first. Comparisons count once the figures are there.
 * @param {number[]} units by place
 * @param {string[]} labels by unit; empty if the layer has no labels
 * @param {string} query
 * @param {{layer?: string, figures?: Record<string, any>}} [about] `layer`: its name, which the query may contain; `figures`: by
 *   name, then by unit
 * @returns {number[]} places
 */
export function filterCells(units, labels, query, { layer = "", figures = {} } = {}) {
  const { words: text, comparisons } = parseQuery(query);
  const said = text.split(/\s+/).filter(Boolean);
  const words = said.filter((word) => word !== layer.toLowerCase());
  const known = comparisons.filter(({ figure }) => Array.isArray(figures[figure]));
  const places = units
    .map((_, place) => place)
    .filter((place) => known.every((one) => holds(one, figures[one.figure][/** @type {number} */ (units[place])])));
  if (words.length === 0) return places;
  const number = words.length === 1 && /^\d+$/.test(words[0] ?? "") ? words[0] : null;
  const found = places.filter((place) => {
    const unit = /** @type {number} */ (units[place]);
    // After the name of the layer, it is the whole number.
    if (number && (said.length > 1 ? String(unit) === number : String(unit).startsWith(number))) return true;
    const name = labels[unit]?.toLowerCase();
    return name !== undefined && words.every((word) => name.includes(word));
  });
  const exact = found.findIndex((place) => String(units[place]) === number);
  return exact > 0 ? [.../** @type {number[]} */ (found.splice(exact, 1)), ...found] : found;
}

/**
 * Places in the order of a figure, the largest first and those without one last; without dead channels if wanted.
 * @param {number[]} places
 * @param {number[]} units by place
 * @param {Record<string, any>} figures by name, then by unit; `dead` lists units
 * @param {{sort: string, hideDead: boolean, smallest?: boolean}} options `sort`: name of a figure, or "channel" for the given
 *   order; `smallest`: whether the smallest comes first
 * @returns {number[]}
 */
export function arrangeCells(places, units, figures, { sort, hideDead, smallest = false }) {
  const dead = new Set(hideDead ? figures.dead : []);
  const alive = dead.size ? places.filter((place) => !dead.has(units[place])) : places;
  /** @type {(number | null)[] | undefined} */
  const values = figures[sort];
  if (!values) return alive;
  const sign = smallest ? -1 : 1;
  const of = (/** @type {number} */ place) => sign * (values[/** @type {number} */ (units[place])] ?? -sign * Infinity);
  return [...alive].sort((a, b) => of(b) - of(a) || a - b);
}
