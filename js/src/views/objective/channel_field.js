import { formatCount } from "../../core/text/format.js";
import { clamp, parseWhole, stepNumber } from "../../core/input/numbers.js";
import { text } from "../../core/text/common.js";
import { builderText } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { createTypedField } from "../controls/typed_field.js";
import { h, setText, setUsable, setValue } from "../base/dom.js";

/**
 * A channel field: number, slider, and buttons for the previous and next channel.
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name unique on this view
 * @param {string} options.part
 * @param {string} options.label
 * @param {(value: number) => Promise<unknown>} options.apply
 */
export function createChannelField(context, { name, part, label, apply }) {
  /** @type {number | null} */
  let last = null;
  const typed = createTypedField(context, {
    name,
    part,
    label,
    tip: text.channelTip(""),
    read(source) {
      const value = parseWhole(source);
      if (value !== null && value === clamp(value, 0, last)) return { value };
      return { message: value === null || last === null ? text.notWhole : text.outOfRange("0", formatCount(last)) };
    },
    write: (/** @type {number} */ value) => String(value),
    step: (value, key) => stepNumber(key, value, { min: 0, max: last }),
    apply,
  });
  /** @param {string} end @param {"minus" | "plus"} glyph @param {string} tip @param {1 | -1} direction */
  const nudge = (end, glyph, tip, direction) =>
    createButton(context, {
      name: `${part}-${end}`,
      label: tip,
      tip,
      glyph,
      look: "lucidw-square",
      bare: true,
      press: () => typed.move(clamp(typed.current() + direction, 0, last)),
    });
  const less = nudge("less", "minus", text.previousChannel, -1);
  const more = nudge("more", "plus", text.nextChannel, 1);
  const range = h("span", { class: "lucidw-range" });
  const slider = h("input", {
    type: "range",
    class: "lucidw-term-slider",
    min: 0,
    "data-lucidw": `${part}-slider`,
    "aria-label": builderText.slider,
    title: builderText.slider,
  });
  context.on(slider, "input", () => typed.move(Number(slider.value)));

  return {
    el: h("div", { class: "lucidw-channel-field" }, h("div", { class: "lucidw-spin" }, less.el, typed.el, more.el, range), slider),
    problem: typed.problem,

    /** @param {number | null} value @param {number | null} count number of channels of the layer, if known */
    show(value, count) {
      last = count === null ? null : count - 1;
      typed.show(value ?? 0);
      const now = typed.current();
      typed.el.title = text.channelTip(last === null ? "" : formatCount(last));
      setUsable(less.el, now > 0);
      setUsable(more.el, last === null || now < last);
      setText(range, count === null ? "" : builderText.ofChannels(formatCount(count)));
      slider.hidden = last === null || last < 1;
      setValue(slider, String(now), String(last ?? 0));
    },
  };
}
