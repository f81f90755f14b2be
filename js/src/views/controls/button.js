import { h, isUsable } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name for tests and styles: `data-lucidw="<name>"`
 * @param {string} options.label
 * @param {string} options.tip
 * @param {import("../base/icons.js").IconName} [options.glyph]
 * @param {string} [options.look] additional classes
 * @param {boolean} [options.bare] whether to show only the icon
 * @param {() => void} options.press
 */
export function createButton({ on }, { name, label, tip, glyph, look = "", bare = false, press }) {
  const caption = h("span", { class: "lucidw-caption" }, bare ? "" : label);
  const el = h("button", { type: "button", class: `lucidw-button ${look}`.trim(), "data-lucidw": name, title: tip });
  if (bare) el.setAttribute("aria-label", label);
  el.append(...(glyph ? [icon(glyph)] : []), ...(bare ? [] : [caption]));
  on(el, "click", () => {
    if (isUsable(el)) press();
  });
  return { el, caption };
}
