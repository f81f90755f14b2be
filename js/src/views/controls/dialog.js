import { text } from "../../core/text/common.js";
import { createButton } from "./button.js";
import { h } from "../base/dom.js";

const FOCUSABLE = 'button, input, select, [tabindex="0"]';

/**
 * A modal dialog inside the widget. The dialogs of the hosts look and behave differently in each host.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{name: string, title: string, body: Node[]}} options
 */
export function createDialog(context, { name, title, body }) {
  const { on, root, id } = context;
  const heading = h("strong", { id: id(`${name}-title`) }, title);
  const close = createButton(context, { name: `${name}-close`, label: text.close, tip: text.close, glyph: "close", look: "lucidw-square", bare: true, press: shut });
  const box = h("div", { class: "lucidw-dialog-box", role: "dialog", "aria-modal": "true", "aria-labelledby": heading.id }, h("div", { class: "lucidw-dialog-head" }, heading, close.el), ...body);
  const el = h("div", { class: "lucidw-dialog", "data-lucidw": name, hidden: true }, box);
  /** @type {HTMLElement | null} */
  let before = null;

  function shut() {
    if (el.hidden) return;
    el.hidden = true;
    before?.focus({ preventScroll: true });
  }

  on(el, "click", (event) => {
    if (event.target === el) shut();
  });
  on(el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      return shut();
    }
    if (event.key !== "Tab") return;
    const stops = [...box.querySelectorAll(FOCUSABLE)].filter((each) => each.getClientRects().length);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    /** @type {HTMLElement | undefined} */ (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  });
  root.append(el);

  return {
    el,
    shut,

    /** @param {HTMLElement} first element to focus @param {string} [words] title; default: that of the last time */
    open(first, words) {
      before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      if (words) heading.textContent = words;
      el.hidden = false;
      first.focus({ preventScroll: true });
    },
  };
}
