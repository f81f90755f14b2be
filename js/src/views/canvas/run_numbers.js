import { formatDuration, formatObjective, formatRate } from "../../core/text/format.js";
import { outdated } from "../../core/run/made_by.js";
import { shortName } from "../../core/objective/short_name.js";
import { ACTIVE } from "../../core/wire/stream.js";
import { text } from "../../core/text/common.js";
import { createCurve } from "./curve.js";
import { h, setText } from "../base/dom.js";

/**
 * Metrics of the run: the objective and its curve, speed and remaining time.
 * @param {import("../../widget.js").Context} context
 * @returns {import("../../widget.js").View & {update: (state: WidgetState) => void}}
 */
export function createRunNumbers(context) {
  const heading = h("span", { class: "lucidw-objective-name" }, text.objective);
  const value = h("output", { class: "lucidw-objective", "data-lucidw": "objective" });
  const curve = createCurve(context);
  const rate = h("span", { "data-lucidw": "rate" });
  const left = h("span", { "data-lucidw": "left" });
  const el = h(
    "div",
    { class: "lucidw-numbers" },
    h("div", { class: "lucidw-headline" }, heading, value),
    curve.el,
    // Not a <dl>, because JupyterLab's styles set the widths of its parts.
    h("div", { class: "lucidw-fact" }, h("span", {}, text.speed), rate),
    h("div", { class: "lucidw-fact" }, h("span", {}, text.left), left),
  );
  return {
    el,
    update(state) {
      const run = state._frame_meta?.made_by;
      const other = outdated(run, state) === "objective" ? shortName(run.expression) : "";
      setText(heading, other || text.objective);
      heading.title = other && text.objectiveOf(other);
      setText(value, formatObjective(state.objective_value));
      value.classList.toggle("lucidw-none", !Number.isFinite(state.objective_value));
      curve.show(/** @type {[number, number][]} */ (state.history ?? []));
      setText(rate, formatRate(state.rate));
      setText(left, ACTIVE.has(state.status) || state.status === "paused" ? formatDuration(state.remaining) : text.nothing);
    },
  };
}
