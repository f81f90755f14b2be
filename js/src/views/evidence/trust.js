import { evidenceText } from "../../core/text/evidence.js";
import { h } from "../base/dom.js";

/**
 * The lines of a report: what was measured, in words, and the verdict.
 *
 * @typedef {{name: string, verdict: string, text: string}} Line
 * @param {import("../../widget.js").Context} _context
 */
export function createTrust(_context) {
  const badge = h("span", { class: "lucidw-verdict", "data-lucidw": "verdict" });
  const rule = h("p", { class: "lucidw-trust-rule" });
  const list = h("dl", { class: "lucidw-trust-lines" });
  const el = h("section", { class: "lucidw-trust", "aria-label": evidenceText.trust, hidden: true }, h("div", { class: "lucidw-trust-head" }, h("span", { class: "lucidw-heading" }, evidenceText.trust), badge), rule, list);
  /** @type {unknown} */
  let shown = null;

  return {
    el,

    /** @param {Record<string, any>} report */
    show(report) {
      el.hidden = !report.verdict;
      if (shown === report || el.hidden) return;
      shown = report;
      badge.textContent = report.verdict;
      badge.dataset.verdict = report.verdict;
      rule.textContent = report.rule;
      list.replaceChildren(
        .../** @type {Line[]} */ (report.lines).map((line) =>
          h("div", {}, h("dt", {}, line.name), h("dd", {}, `${line.text} `, h("strong", { class: "lucidw-verdict-word", "data-verdict": line.verdict }, line.verdict))),
        ),
      );
    },
  };
}
