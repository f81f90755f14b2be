import { createField } from "./field.js";
import { h } from "./dom.js";

/**
 * One of several, in a list that opens.
 *
 * @param {import("../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {string} options.label
 * @param {string} options.tip
 * @param {string[]} options.choices
 */
export function createChoice(context, { name, label, tip, choices }) {
  const el = h("select", { class: "lucidw-input lucidw-choice", "aria-label": label, title: tip, "data-lucidw": name });
  el.append(...choices.map((choice) => h("option", { value: choice }, choice)));
  const field = createField(context, { name, control: el, show, pause: 0 });
  let known = "";
  context.on(el, "change", () => field.edit.set(el.value, { now: true }));

  /** @param {string} [edited] */
  function show(edited = known) {
    el.value = edited;
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
