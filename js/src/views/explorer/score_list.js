import { explorerText } from "../../core/text/explorer.js";
import { formatPercent } from "../../core/run/seen_classes.js";
import { h, setText, setUsable } from "../base/dom.js";
import { createButton } from "../controls/button.js";
import { createClassDialog } from "../model/class_dialog.js";

/**
 * The most probable classes. A click chooses the one to explain; the button at its end, or Shift and a click, subtracts it.
 * A dialog finds all other classes.
 *
 * @param {import("../../widget.js").Context} context
 * @param {(classes: number[]) => void} choose
 */
export function createScoreList(context, choose) {
  const { on } = context;
  const list = h("div", { class: "lucidw-explorer-scores", role: "list", "aria-label": explorerText.classes, "data-lucidw": "classes" });
  const none = h("p", { class: "lucidw-explorer-note", hidden: true }, explorerText.noClasses);
  let subtracts = false;
  const dialog = createClassDialog(context, { name: "other", choose: ({ index }) => (subtracts ? subtract(index) : choose([index])) });
  const other = createButton(context, { name: "other-class", label: explorerText.otherClass, tip: explorerText.otherClassTip, look: "lucidw-link", press: () => search(false) });
  const minusOther = createButton(context, { name: "other-minus", label: explorerText.otherMinus, tip: explorerText.otherMinusTip, look: "lucidw-link", press: () => search(true) });
  const others = h("div", { class: "lucidw-explorer-others" }, other.el, minusOther.el);
  const el = h("div", {}, list, none, others);
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  /** @type {{item: HTMLElement, pick: HTMLElement, name: HTMLElement, bar: HTMLElement, share: HTMLElement, minus: HTMLElement}[]} */
  const rows = [];

  function createRow() {
    const name = h("span", { class: "lucidw-explorer-class" });
    const bar = h("span", { class: "lucidw-explorer-bar" });
    const share = h("span", { class: "lucidw-explorer-share" });
    const pick = h("button", { type: "button", class: "lucidw-explorer-pick" }, name, h("span", { class: "lucidw-explorer-track" }, bar), share);
    const minus = h("button", { type: "button", class: "lucidw-explorer-minus" }, "−");
    const item = h("div", { role: "listitem", class: "lucidw-explorer-score" }, pick, minus);
    list.append(item);
    rows.push({ item, pick, name, bar, share, minus });
  }

  /** @param {boolean} minus */
  function search(minus) {
    subtracts = minus;
    const first = state._scores?.find((/** @type {any} */ score) => score[0] === state._explained?.[0]);
    dialog.open(minus ? explorerText.subtractTitle(String(first?.[1] ?? "")) : explorerText.explainTitle);
  }

  /** @param {number} index */
  function subtract(index) {
    const [first, second] = state._explained ?? [];
    if (first === undefined || index === first) return;
    choose(second === index ? [first] : [first, index]);
  }

  on(list, "click", (/** @type {MouseEvent} */ event) => {
    const at = rows.findIndex((row) => row.item.contains(/** @type {Node} */ (event.target)));
    const score = state._scores?.[at];
    if (!score) return;
    const index = Number(score[0]);
    if (event.shiftKey || rows[at]?.minus.contains(/** @type {Node} */ (event.target))) subtract(index);
    else choose([index]);
  });

  return {
    el,

    /** @param {WidgetState} newest */
    show(newest) {
      state = newest;
      const scores = state._scores ?? [];
      const [first, second] = state._explained ?? [];
      none.hidden = scores.length > 0 || !state._places?.layer || Boolean(state._work);
      others.hidden = !scores.length;
      setUsable(minusOther.el, first !== undefined);
      while (rows.length < scores.length) createRow();
      for (const [at, row] of rows.entries()) {
        const score = scores[at];
        row.item.hidden = !score;
        if (!score) continue;
        const [index, label, probability] = /** @type {[number, string, number]} */ (score);
        const role = index === first ? "for" : index === second ? "against" : "";
        row.item.dataset.role = role;
        setText(row.name, role === "against" ? explorerText.minusOf(label) : label);
        setText(row.share, formatPercent(probability));
        row.bar.style.width = `${100 * probability}%`;
        row.pick.setAttribute("aria-pressed", String(role === "for"));
        row.pick.title = explorerText.classTip(label);
        row.minus.setAttribute("aria-pressed", String(role === "against"));
        row.minus.setAttribute("aria-label", explorerText.minusTip(label));
        row.minus.title = explorerText.minusTip(label);
        row.minus.style.visibility = index === first ? "hidden" : "";
      }
    },
  };
}
