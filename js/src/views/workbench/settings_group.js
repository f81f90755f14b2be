import { bench } from "../../core/text/workbench.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * A group of settings that folds; folded, it still says what is set in it.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.label
 * @param {boolean} [options.open]
 * @param {string[]} options.traits whose place code may take
 * @param {string} options.owner the argument that does
 * @param {Node[]} options.fields
 */
export function createPanel({ name, label, open = false, traits, owner, fields }) {
  const summary = h("span", { class: "lucidw-summary" });
  const body = h("div", { class: "lucidw-fields" }, ...fields);
  const note = h("p", { class: "lucidw-note", hidden: true }, bench.setInCode(owner));
  const el = h("details", { class: "lucidw-group", open, "data-lucidw": `group-${name}` }, h("summary", {}, h("span", {}, label), summary), note, body);
  return {
    el,

    /** @param {Record<string, any>} state @param {string} words what is set, in short */
    update(state, words) {
      const fixed = traits.some((each) => state.set_in_code?.includes(each));
      note.hidden = !fixed;
      body.classList.toggle("lucidw-fixed", fixed);
      for (const field of body.children) {
        if (traits.includes(/** @type {HTMLElement} */ (field).dataset.trait ?? "")) field.toggleAttribute("hidden", fixed);
      }
      setText(summary, fixed ? bench.setInCode(owner) : words);
    },
  };
}

/**
 * A control with its name above it, and a mark where a change starts over.
 *
 * @param {string} trait
 * @param {string} label
 * @param {{el: HTMLElement, problem: HTMLElement}} control
 * @param {{wide?: boolean, anew?: boolean, tag?: "label" | "div"}} [options] `tag`: a label only fits a control of one part
 */
export function labelled(trait, label, control, { wide = false, anew = false, tag = "label" } = {}) {
  const words = h("span", { class: "lucidw-field-name" }, label, ...(anew ? [startsOver()] : []));
  return h(tag, { class: `lucidw-field${wide ? " lucidw-wide" : ""}`, "data-trait": trait }, words, control.el, control.problem);
}

/** The mark of what starts the picture over. */
export function startsOver() {
  return h("span", { class: "lucidw-anew", title: bench.startsOverTip }, icon("again"), h("span", { class: "lucidw-unseen" }, ` (${bench.startsOver})`));
}
