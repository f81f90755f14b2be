import { createField } from "./field.js";
import { h } from "../base/dom.js";

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
export function createSegmented(context, { name, label, choices, tips = {} }) {
  const { on, id } = context;
  const el = h("div", { class: "lucidw-segmented", role: "radiogroup", "aria-label": label, "data-lucidw": name });
  const field = createField(context, { name, control: el, show, pause: 0 });
  let known = "";
  /** @type {Map<string, HTMLInputElement>} */
  const inputs = new Map();
  for (const [value, words] of Object.entries(choices)) {
    // Native radio buttons provide arrow keys, grouping and accessible names.
    const input = h("input", { type: "radio", name: id(name), value });
    inputs.set(value, input);
    el.append(h("label", { title: tips[value] ?? "" }, input, h("span", {}, words)));
  }
  on(el, "change", (event) => field.edit.set(/** @type {HTMLInputElement} */ (event.target).value, { now: true }));

  /** @param {string} [edited] */
  function show(edited = known) {
    for (const [value, input] of inputs) input.checked = value === edited;
  }

  return {
    el,
    problem: field.problem,

    /** @param {string} newest Python's value */
    show(newest) {
      known = newest;
      show(field.current(newest));
    },
  };
}
