import { explorerText } from "../../core/text/explorer.js";
import { formatPercent } from "../../core/run/seen_classes.js";
import { h, setText, svg } from "../base/dom.js";

const WIDTH = 180;
const HEIGHT = 72;

/** The faithfulness of an attribution: its deletion curve, that of a random order, and what they say. */
export function createCurveCard() {
  const random = svg("path", { class: "lucidw-explorer-random" });
  const line = svg("path", { class: "lucidw-explorer-deletion" });
  const chart = svg("svg", { class: "lucidw-explorer-chart", viewBox: `-3 -3 ${WIDTH + 6} ${HEIGHT + 6}`, role: "img", "data-lucidw": "curve" }, random, line);
  const title = h("strong");
  const verdict = h("p");
  const area = h("p", { class: "lucidw-explorer-note" });
  const el = h("div", { class: "lucidw-explorer-curve", "data-lucidw": "faithfulness", hidden: true }, chart, h("div", {}, title, verdict, area));

  /** @param {number[]} fractions @param {number[]} values @param {number} top */
  const path = (fractions, values, top) =>
    values.map((value, index) => `${index ? "L" : "M"}${((fractions[index] ?? 0) * WIDTH).toFixed(1)} ${(HEIGHT - (value / top) * HEIGHT).toFixed(1)}`).join("");

  return {
    el,

    /** @param {any} faith @param {string} label of the class; faith is null while unknown */
    show(faith, label) {
      el.hidden = !faith;
      if (!faith) return;
      const { fractions, deletion, random_deletion: control, axis } = faith;
      const top = Math.max(...deletion, ...control, 1e-9);
      line.setAttribute("d", path(fractions, deletion, top));
      random.setAttribute("d", path(fractions, control, top));
      chart.setAttribute("aria-label", explorerText.curveLabel(label, axis));
      setText(title, explorerText.curveTitle(axis));
      const own = faith.deletion_half === null ? explorerText.neverHalf : explorerText.half(formatPercent(faith.deletion_half), axis);
      const other = faith.random_deletion_half === null ? explorerText.neverRandom : explorerText.random(formatPercent(faith.random_deletion_half));
      setText(verdict, own + other);
      setText(area, explorerText.area(faith.deletion_area.toFixed(2), faith.random_deletion_area.toFixed(2)));
    },
  };
}
