import { workbenchText } from "../../core/text/workbench.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * A foldable group of settings. While folded it shows a summary of its settings.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.label
 * @param {boolean} [options.open]
 * @param {string[]} options.traits traits of the group that an argument in code replaces
 * @param {string} options.owner name of that argument
 * @param {Node[]} options.fields
 */
export function createSettingsGroup({ name, label, open = false, traits, owner, fields }) {
  const summary = h("span", { class: "lucidw-summary" });
  const body = h("div", { class: "lucidw-fields" }, ...fields);
  const note = h("p", { class: "lucidw-note", hidden: true }, workbenchText.setInCode(owner));
  const el = h("details", { class: "lucidw-group", open, "data-lucidw": `group-${name}` }, h("summary", {}, h("span", {}, label), summary), note, body);
  return {
    el,

    /** @param {WidgetState} state @param {string} words summary of the settings */
    update(state, words) {
      const fixed = traits.some((each) => state._set_in_code?.includes(each));
      note.hidden = !fixed;
      body.classList.toggle("lucidw-fixed", fixed);
      for (const field of body.children) {
        if (traits.includes(/** @type {HTMLElement} */ (field).dataset.trait ?? "")) field.toggleAttribute("hidden", fixed);
      }
      setText(summary, fixed ? workbenchText.setInCode(owner) : words);
    },
  };
}

/**
 * A control with its label above it, and a mark if changing it restarts the run.
 *
 * @param {string} trait
 * @param {string} label
 * @param {{el: HTMLElement, problem: HTMLElement}} control
 * @param {{wide?: boolean, restarts?: boolean, tag?: "label" | "div"}} [options] `tag`: "label" only for controls with a single input
 */
export function labeled(trait, label, control, { wide = false, restarts = false, tag = "label" } = {}) {
  const words = h("span", { class: "lucidw-field-name" }, label, ...(restarts ? [restartMark()] : []));
  return h(tag, { class: `lucidw-field${wide ? " lucidw-wide" : ""}`, "data-trait": trait }, words, control.el, control.problem);
}

/** The mark of settings that restart the run. */
export function restartMark() {
  return h("span", { class: "lucidw-restarts", title: workbenchText.restartsTip }, icon("restart"), h("span", { class: "lucidw-visually-hidden" }, ` (${workbenchText.restarts})`));
}
