import { createField } from "./field.js";
import { h } from "../base/dom.js";

/**
 * Yes or no.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {string} options.label
 * @param {string} [options.tip]
 * @param {Node[]} [options.after] behind the label
 * @param {string} [options.part] its name for tests, where another control has the trait's
 */
export function createCheck(context, { name, label, tip = "", after = [], part = name }) {
  const input = h("input", { type: "checkbox", "data-lucidw": part });
  const field = createField(context, { name, control: input, show, pause: 0 });
  const el = h("div", { class: "lucidw-check-field", "data-trait": name }, h("label", { class: "lucidw-tick", title: tip }, input, h("span", {}, label), ...after), field.problem);
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
