import { classesText } from "../text/classes.js";

/**
 * The classes of an image, as Python describes them.
 * @typedef {{key: [number, number], rows: import("../../views/model/class_list.js").SeenClass[][]}} Entry
 */

/**
 * An image whose classes are to be shown.
 * @typedef {object} SeenImage
 * @property {[number, number]} key
 * @property {boolean} moving whether newer classes of the same run arrive without a request
 * @property {boolean} follows whether classes of an earlier step may stand in until those of this one arrive
 * @property {number} [index] which image of the batch; -1 for the mean
 * @property {(key: [number, number]) => string} when says which image an entry belongs to
 */

/**
 * The classes to show for an image: its own, or those of an earlier step of the same run until then.
 * @param {Entry[]} entries oldest first
 * @param {SeenImage | null} image
 * @returns {{entry: Entry | null, exact: boolean}}
 */
export function entryOf(entries, image) {
  if (!image) return { entry: null, exact: false };
  const [run, step] = image.key;
  const own = entries.findLast(({ key }) => key[0] === run && key[1] === step);
  if (own) return { entry: own, exact: true };
  return { entry: (image.follows && entries.findLast(({ key }) => key[0] === run)) || null, exact: false };
}

/**
 * The classes of the whole batch, or of one of its images.
 * @param {Entry | null} entry
 * @param {SeenImage | null} image
 */
export function rowOf(entry, image) {
  if (!entry || !image) return [];
  const { rows } = entry;
  return (rows.length > 1 ? rows[(image.index ?? -1) + 1] : rows[0]) ?? [];
}

/**
 * A probability in whole percent. One that is only close to 0 or 1 becomes "<1 %" or ">99 %".
 * @param {number} probability
 */
export function formatPercent(probability) {
  const whole = Math.round(100 * probability);
  if (whole === 0 && probability > 0) return `<${classesText.percent(1)}`;
  return whole === 100 && probability < 1 ? `>${classesText.percent(99)}` : classesText.percent(whole);
}
