import { h } from "../base/dom.js";

/**
 * Radio buttons side by side, drawn as one segmented control. They are native, which provides arrow keys, grouping and
 * accessible names.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name unique on this view
 * @param {string} options.label
 * @param {Record<string, string>} options.choices labels by value
 * @param {Record<string, string>} [options.tips] by value
 * @param {(value: string) => void} options.choose called with the value that the user selects
 */
export function createRadioRow({ id, on }, { name, label, choices, tips = {}, choose }) {
  const el = h("div", { class: "lucidw-segmented", role: "radiogroup", "aria-label": label, "data-lucidw": name });
  const inputs = Object.entries(choices).map(([value, words]) => {
    const input = h("input", { type: "radio", name: id(name), value });
    el.append(h("label", { title: tips[value] ?? "" }, input, words));
    return input;
  });
  on(el, "change", (event) => choose(event.target.value));

  return {
    el,
    inputs,

    /** @param {unknown} value the value to select */
    show(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
