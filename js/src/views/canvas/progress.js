import { formatCount, formatObjective } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";

/**
 * Progress of the run: a bar and "step / total".
 * @param {(count: string, total: string) => string} [spoken] text of the progress for screen readers
 * @returns {import("../../widget.js").View & {update: (state: WidgetState) => void}}
 */
export function createProgress(spoken = text.progressValue) {
  const bar = h("div", { class: "lucidw-bar" });
  const track = h("div", { class: "lucidw-track", role: "progressbar", "aria-label": text.progress, "aria-valuemin": 0 }, bar);
  const count = h("span", { class: "lucidw-count", "data-lucidw": "count" });
  const value = h("span", { class: "lucidw-count-objective", title: text.objective });
  const el = h("div", { class: "lucidw-progress" }, track, count, value);
  return {
    el,
    update({ current_step: step, total_steps: total, status, objective_value: objective }) {
      const known = total > 0;
      const waiting = status === "compiling" || status === "queued" || (status === "running" && !known);
      bar.style.transform = waiting ? "" : `scaleX(${known ? Math.min(1, step / total) : 0})`;
      track.classList.toggle("lucidw-waiting", waiting);
      const numbers = /** @type {const} */ ([formatCount(step), known ? formatCount(total) : ""]);
      // A progress bar without a value is indeterminate.
      for (const [name, value] of /** @type {const} */ ([["aria-valuemax", total], ["aria-valuenow", Math.min(step, total)]])) {
        if (known) track.setAttribute(name, String(value));
        else track.removeAttribute(name);
      }
      track.setAttribute("aria-valuetext", spoken(...numbers));
      setText(value, Number.isFinite(objective) ? formatObjective(objective) : "");
      setText(count, text.progressCount(...numbers));
      // Reserves the largest width of this run, so that the bar does not shrink with each new digit.
      count.style.minWidth = known ? `${2 * numbers[1].length + 3}ch` : "9ch";
    },
  };
}
