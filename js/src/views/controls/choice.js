import { createField } from "./field.js";
import { h, setValue } from "../base/dom.js";

/**
 * A drop-down list for a trait.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {string} options.label
 * @param {string} options.tip
 * @param {string[]} [options.choices]
 * @param {(value: string) => any} [options.read] converts a choice to the trait's value
 */
export function createChoice(context, { name, label, tip, choices = [], read = (value) => value }) {
  const el = h("select", { class: "lucidw-input lucidw-choice", "aria-label": label, title: tip, "data-lucidw": name });
  offer(choices.map((choice) => [choice, choice]));
  const field = createField(context, { name, control: el, show, pause: 0 });
  /** @type {any} */
  let known = "";
  context.on(el, "change", () => field.edit.set(read(el.value), { now: true }));

  /** @param {any} [edited] */
  function show(edited = known) {
    setValue(el, String(edited));
  }

  /** @param {[string, string][]} pairs of value and label */
  function offer(pairs) {
    el.replaceChildren(...pairs.map(([value, words]) => h("option", { value }, words)));
  }

  return {
    el,
    problem: field.problem,
    offer,

    /** @param {any} newest Python's value */
    show(newest) {
      known = newest;
      show(field.current(newest));
    },
  };
}
