import { formatCount, formatObjective } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";
import { createTrack } from "../base/track.js";

/**
 * Progress of the run: a bar and "step / total".
 * @param {(count: string, total: string) => string} [spoken] text of the progress for screen readers
 * @returns {import("../../widget.js").View & {update: (state: WidgetState) => void}}
 */
export function createProgress(spoken = text.progressValue) {
  const track = createTrack(text.progress);
  const count = h("span", { class: "lucidw-count", "data-lucidw": "count" });
  const value = h("span", { class: "lucidw-count-objective", title: text.objective });
  // The inner element is laid out alone, which a browser does not do with the outer one, since that shares a line.
  const el = h("div", { class: "lucidw-progress" }, h("div", { class: "lucidw-progress-line" }, track.el, count, value));
  return {
    el,
    update({ current_step: step, total_steps: total, status, objective_value: objective }) {
      const known = total > 0;
      const waiting = status === "compiling" || status === "queued" || (status === "running" && !known);
      track.show(step, total, waiting);
      const numbers = /** @type {const} */ ([formatCount(step), known ? formatCount(total) : ""]);
      track.el.setAttribute("aria-valuetext", spoken(...numbers));
      setText(value, Number.isFinite(objective) ? formatObjective(objective) : "");
      setText(count, text.progressCount(...numbers));
      // Reserves the largest width of this run, so that the bar does not shrink with each new digit.
      count.style.minWidth = known ? `${2 * numbers[1].length + 3}ch` : "9ch";
    },
  };
}
