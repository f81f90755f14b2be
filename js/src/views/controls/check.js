import { createField } from "./field.js";
import { h } from "../base/dom.js";

/**
 * A checkbox for a trait.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {string} options.label
 * @param {string} [options.tip]
 * @param {Node[]} [options.after] nodes after the label
 * @param {string} [options.part] its `data-lucidw`, if another control has the name of the trait
 */
export function createCheck(context, { name, label, tip = "", after = [], part = name }) {
  const input = h("input", { type: "checkbox", "data-lucidw": part });
  const field = createField(context, { name, control: input, show, pause: 0 });
  const el = h("div", { class: "lucidw-check-field", "data-trait": name }, h("label", { class: "lucidw-checkbox-label", title: tip }, input, h("span", {}, label), ...after), field.problem);
  let known = false;
  context.on(input, "change", () => field.edit.set(input.checked, { now: true }));

  /** @param {boolean} [edited] */
  function show(edited = known) {
    input.checked = edited;
  }

  return {
    el,

    /** @param {boolean} newest Python's value */
    show(newest) {
      known = Boolean(newest);
      show(field.current(known));
    },
  };
}
