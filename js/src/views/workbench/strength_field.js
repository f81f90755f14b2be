import { bench } from "../../core/text/workbench.js";
import { createField } from "../controls/field.js";
import { h, setText } from "../base/dom.js";

/**
 * How much of something: off, or from little to much.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {"shift" | "scale" | "rotate"} options.name of the trait
 * @param {number} options.max of the slider, in its own units; from Python there may be more
 * @param {number} options.usual what "on" means before anybody chose
 * @param {number} [options.unit] the trait's value for 1 of the slider
 */
export function createStrength(context, { name, max, usual, unit = 1 }) {
  const { on } = context;
  const label = bench[name];
  const toggle = h("input", { type: "checkbox", "data-lucidw": `${name}-on`, "aria-label": bench.onOff(label), title: bench.onOff(label) });
  const slider = h("input", { type: "range", class: "lucidw-slider", min: 0, max, step: 1, "data-lucidw": name, "aria-label": bench.strength(label), title: bench.strengthTip(label) });
  const value = h("span", { class: "lucidw-strength-value", "aria-hidden": "true" });
  const field = createField(context, { name, control: slider, show });
  const el = h("div", { class: "lucidw-strength", "data-trait": name }, h("label", { class: "lucidw-tick" }, toggle, h("span", {}, label)), slider, value, field.problem);
  let known = usual;
  /** Where it goes back to when it is switched on again. */
  let last = usual;

  /** @param {number} [edited] */
  function show(edited = known) {
    const amount = Math.round((edited / unit) * 10) / 10;
    slider.max = String(Math.max(max, amount));
    slider.value = String(amount);
    slider.style.setProperty("--share", `${(100 * amount) / Number(slider.max)}%`);
    const words = amount ? bench.strengths[name](String(amount)) : bench.off;
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
