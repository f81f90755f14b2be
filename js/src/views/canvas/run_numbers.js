import { formatDuration, formatObjective, formatRate } from "../../core/text/format.js";
import { sparkline } from "../../core/run/sparkline.js";
import { outdated } from "../../core/run/made_by.js";
import { shortName } from "../../core/objective/short_name.js";
import { ACTIVE } from "../../core/wire/stream.js";
import { text } from "../../core/text/common.js";
import { h, setText, svg } from "../base/dom.js";

const WIDTH = 248;
const HEIGHT = 56;

/**
 * Metrics of the run: the objective and its curve, speed and remaining time.
 * @returns {import("../../widget.js").View & {update: (state: WidgetState) => void}}
 */
export function createRunNumbers() {
  const heading = h("span", { class: "lucidw-objective-name" }, text.objective);
  const value = h("output", { class: "lucidw-objective", "data-lucidw": "objective" });
  const area = svg("path", { class: "lucidw-area" });
  const line = svg("path", { class: "lucidw-line" });
  const dot = svg("path", { class: "lucidw-dot" });
  const curve = svg(
    "svg",
    { class: "lucidw-curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
    area,
    line,
    dot,
  );
  const rate = h("span", { "data-lucidw": "rate" });
  const left = h("span", { "data-lucidw": "left" });
  const el = h(
    "div",
    { class: "lucidw-numbers" },
    h("div", { class: "lucidw-headline" }, heading, value),
    curve,
    // Not a <dl>, because JupyterLab's styles set the widths of its parts.
    h("div", { class: "lucidw-fact" }, h("span", {}, text.speed), rate),
    h("div", { class: "lucidw-fact" }, h("span", {}, text.left), left),
  );
  /** @type {unknown} */
  let drawn;

  /** @param {Array<[number, number]>} history */
  function drawCurve(history) {
    if (history === drawn) return;
    drawn = history;
    const shape = sparkline(history, WIDTH, HEIGHT);
    line.setAttribute("d", shape?.path ?? "");
    area.setAttribute("d", shape ? `${shape.path}V${HEIGHT}H${shape.path.slice(1, shape.path.indexOf(" "))}Z` : "");
    // A line of length zero with a round cap is a round dot even if the curve is stretched.
    dot.setAttribute("d", shape ? `M${shape.last.x} ${shape.last.y}h0` : "");
    const last = formatObjective(history.at(-1)?.[1]);
    curve.setAttribute(
      "aria-label",
      shape ? text.curve(formatObjective(shape.min), formatObjective(shape.max), last) : text.noCurve,
    );
  }

  return {
    el,
    update(state) {
      const run = state._frame_meta?.made_by;
      const other = outdated(run, state) === "objective" ? shortName(run.expression) : "";
      setText(heading, other || text.objective);
      heading.title = other && text.objectiveOf(other);
      setText(value, formatObjective(state.objective_value));
      value.classList.toggle("lucidw-none", !Number.isFinite(state.objective_value));
      drawCurve(/** @type {[number, number][]} */ (state.history ?? []));
      setText(rate, formatRate(state.rate));
      setText(left, ACTIVE.has(state.status) || state.status === "paused" ? formatDuration(state.remaining) : text.nothing);
    },
  };
}
