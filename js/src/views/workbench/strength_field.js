import { workbenchText } from "../../core/text/workbench.js";
import { createField } from "../controls/field.js";
import { h, setText, setValue } from "../base/dom.js";

/**
 * A checkbox and a slider for the amount of a random transform.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {"shift" | "scale" | "rotate"} options.name of the trait
 * @param {number} options.max end of the slider, in its own units; Python may set a larger value
 * @param {number} options.usual value when it is first switched on
 * @param {number} [options.unit] value of the trait per unit of the slider
 */
export function createStrengthField(context, { name, max, usual, unit = 1 }) {
  const { on } = context;
  const label = workbenchText[name];
  const toggle = h("input", { type: "checkbox", "data-lucidw": `${name}-on`, "aria-label": workbenchText.strengthToggle(label), title: workbenchText.strengthToggle(label) });
  const slider = h("input", { type: "range", class: "lucidw-slider", min: 0, max, step: 1, "data-lucidw": name, "aria-label": workbenchText.strength(label), title: workbenchText.strengthTip(label) });
  const value = h("span", { class: "lucidw-strength-value", "aria-hidden": "true" });
  const field = createField(context, { name, control: slider, show });
  const el = h("div", { class: "lucidw-strength", "data-trait": name }, h("label", { class: "lucidw-checkbox-label" }, toggle, h("span", {}, label)), slider, value, field.problem);
  let known = usual;
  /** The last value that was not 0, which is restored when the transform is switched on again. */
  let last = usual;

  /** @param {number} [edited] */
  function show(edited = known) {
    const amount = Math.round((edited / unit) * 10) / 10;
    setValue(slider, String(amount), String(Math.max(max, amount)));
    slider.style.setProperty("--share", `${(100 * amount) / Number(slider.max)}%`);
    const words = amount ? workbenchText.strengths[name](String(amount)) : workbenchText.off;
    setText(value, words);
    slider.setAttribute("aria-valuetext", words);
    toggle.checked = amount > 0;
    if (edited > 0) last = edited;
  }

  on(slider, "input", () => field.edit.set(Number((Number(slider.value) * unit).toPrecision(6))));
  on(toggle, "change", () => field.edit.set(toggle.checked ? last : 0, { now: true }));

  return {
    el,

    /** @param {number} newest Python's value */
    show(newest) {
      known = newest;
      show(field.current(newest));
    },
  };
}
