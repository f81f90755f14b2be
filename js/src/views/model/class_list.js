import { formatPercent } from "../../core/run/seen_classes.js";
import { classesText } from "../../core/text/classes.js";
import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";

/** A class as Python describes it: index, label and probability. @typedef {[number, string, number]} SeenClass */

/**
 * A list of classes with a bar for the probability of each. It always has room for `rows` classes, so that nothing moves.
 *
 * @param {import("../../widget.js").Context} context
 * @param {string} part name for tests
 * @param {((index: number) => void) | null} [press] makes each row a button
 */
export function createClassList({ on }, part, press = null) {
  const el = h("div", { class: "lucidw-seen", role: "list", "data-lucidw": part });
  /** @type {SeenClass[]} */
  let shown = [];
  /** While the user aims at a row, the rows keep their classes. */
  let held = false;

  /** @returns {HTMLElement[]} */
  const rows = () => /** @type {HTMLElement[]} */ ([...el.children].map((item) => item.firstElementChild));

  function createRow() {
    const inner = [h("span", { class: "lucidw-seen-name" }), h("span", { class: "lucidw-seen-percent" })];
    const row = press ? h("button", { type: "button", class: "lucidw-seen-row", tabindex: "-1" }, ...inner) : h("div", { class: "lucidw-seen-row" }, ...inner);
    return h("div", { role: "listitem" }, row);
  }

  /** @param {HTMLElement} row @param {SeenClass | undefined} one */
  function fill(row, one) {
    setText(/** @type {Element} */ (row.firstElementChild), one ? one[1] : text.nothing);
    setText(/** @type {Element} */ (row.lastElementChild), one ? formatPercent(one[2]) : "");
    row.style.setProperty("--share", `${one ? 100 * one[2] : 0}%`);
    row.classList.toggle("lucidw-none", !one);
    row.title = one ? (press ? classesText.pressTip(one[1]) : one[1]) : classesText.none;
    if (press) row.setAttribute("aria-disabled", String(!one));
  }

  /** Makes one row reachable by Tab. @param {number} index @param {boolean} [focus] */
  function rove(index, focus = false) {
    for (const [at, row] of rows().entries()) row.tabIndex = at === index ? 0 : -1;
    if (focus) rows()[index]?.focus({ preventScroll: true });
  }

  if (press) {
    on(el, "pointerdown", () => (held = true));
    on(el, "pointerleave", () => (held = false));
    on(el, "focusin", (event) => {
      const index = rows().indexOf(event.target);
      if (index >= 0) rove(index);
      if (event.target.matches(":focus-visible")) held = true;
    });
    on(el, "focusout", () => (held = false));
    on(el, "keydown", (/** @type {KeyboardEvent} */ event) => {
      const at = rows().indexOf(/** @type {HTMLElement} */ (event.target));
      const last = shown.length - 1;
      const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
      if (to === undefined || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      rove(Math.max(0, Math.min(last, to)), true);
    });
    on(el, "click", (event) => {
      held = false;
      const one = shown[rows().indexOf(event.target.closest(".lucidw-seen-row"))];
      if (one) press(one[0]);
    });
  }

  return {
    el,

    /** Whether the list keeps what it shows for now. */
    get held() {
      return held && shown.length > 0;
    },

    /** @param {SeenClass[]} classes @param {number} count number of rows @param {string} label accessible name */
    show(classes, count, label) {
      while (el.children.length > count) el.lastElementChild?.remove();
      while (el.children.length < count) el.append(createRow());
      shown = classes.slice(0, count);
      el.setAttribute("aria-label", label);
      for (const [index, row] of rows().entries()) fill(row, shown[index]);
      const focusable = rows().findIndex((row) => row.tabIndex === 0);
      if (press && (focusable >= 0 || shown.length)) rove(shown.length ? Math.min(Math.max(0, focusable), shown.length - 1) : -1);
    },
  };
}
