import { createButton } from "./button.js";
import { h, isUsable, setText, setUsable } from "../base/dom.js";

/**
 * @typedef {object} Item
 * @property {string} name
 * @property {string} label
 * @property {string} hint explanation in one line
 * @property {() => void} press
 */

/**
 * A button that opens a menu.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{name: string, label: string, tip: string, glyph: import("../base/icons.js").IconName, items: Item[]}} options
 */
export function createMenu(context, { name, label, tip, glyph, items }) {
  const { on } = context;
  const button = createButton(context, { name, label, tip, glyph, look: "lucidw-plain", press: () => (list.hidden ? open() : shut()) });
  button.el.setAttribute("aria-haspopup", "menu");
  button.el.setAttribute("aria-expanded", "false");
  const rows = items.map((item) => {
    const row = h("button", { type: "button", class: "lucidw-menu-item", role: "menuitem", tabindex: "-1", "data-lucidw": `${name}-${item.name.replaceAll(" ", "-")}` }, h("span", {}, item.label), h("span", { class: "lucidw-menu-hint" }, item.hint));
    on(row, "click", () => {
      if (!isUsable(row)) return;
      shut({ focus: true });
      item.press();
    });
    return row;
  });
  const list = h("div", { class: "lucidw-menu-list", role: "menu", "aria-label": label, hidden: true }, ...rows);
  const el = h("div", { class: "lucidw-menu" }, button.el, list);

  function open() {
    list.hidden = false;
    button.el.setAttribute("aria-expanded", "true");
    rows[0]?.focus({ preventScroll: true });
  }

  function shut({ focus = false } = {}) {
    if (list.hidden) return;
    list.hidden = true;
    button.el.setAttribute("aria-expanded", "false");
    if (focus) button.el.focus({ preventScroll: true });
  }

  on(button.el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    open();
  });
  on(list, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const at = rows.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = { ArrowDown: (at + 1) % rows.length, ArrowUp: (at + rows.length - 1) % rows.length, Home: 0, End: rows.length - 1 }[event.key];
    if (event.key === "Tab") return shut();
    if (event.key === "Escape") {
      event.preventDefault();
      return shut({ focus: true });
    }
    if (to === undefined) return;
    event.preventDefault();
    rows[to]?.focus({ preventScroll: true });
  });
  on(document, "pointerdown", (/** @type {PointerEvent} */ event) => {
    if (!el.contains(/** @type {Node} */ (event.target))) shut();
  });
  on(el, "focusout", (/** @type {FocusEvent} */ event) => {
    if (event.relatedTarget && !el.contains(/** @type {Node} */ (event.relatedTarget))) shut();
  });

  return {
    el,

    /** @param {string} item name of the item @param {string} hint */
    describe(item, hint) {
      const words = rows[items.findIndex((each) => each.name === item)]?.lastElementChild;
      if (words) setText(words, hint);
    },

    /** @param {string} item name of the item @param {boolean} usable @param {string} why tooltip of a disabled item */
    setUsable(item, usable, why) {
      const row = rows[items.findIndex((each) => each.name === item)];
      if (!row) return;
      setUsable(row, usable);
      row.title = usable ? "" : why;
    },
  };
}
