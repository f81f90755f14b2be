import { createField } from "./field.js";
import { createRadioRow } from "./radio_row.js";

/**
 * A segmented control for a trait: radio buttons side by side.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {string} options.label
 * @param {Record<string, string>} options.choices labels by value
 * @param {Record<string, string>} [options.tips] by value
 */
export function createSegmented(context, { name, label, choices, tips }) {
  const choose = (/** @type {string} */ value) => field.edit.set(value, { now: true });
  const row = createRadioRow(context, { name, label, choices, tips, choose });
  let known = "";
  const field = createField(context, { name, control: row.el, show: (edited = known) => row.show(edited), pause: 0 });

  return {
    el: row.el,
    problem: field.problem,

    /** @param {string} newest Python's value */
    show(newest) {
      known = newest;
      row.show(field.current(newest));
    },
  };
}
