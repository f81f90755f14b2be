import { formatCount, formatObjective } from "../../core/text/format.js";
import { sparkline } from "../../core/run/sparkline.js";
import { text } from "../../core/text/common.js";
import { h, setText, svg } from "../base/dom.js";

const WIDTH = 248;
const HEIGHT = 56;
const MARGIN = 3;

/** @typedef {Array<[number, number]>} History pairs of step and objective */

/**
 * The objective over the run: its curve, the ranges of both axes, the value under the pointer, and a logarithmic scale.
 * The arrow keys move through the values.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createCurve({ on }) {
  const area = svg("path", { class: "lucidw-area" });
  const line = svg("path", { class: "lucidw-line" });
  const dot = svg("path", { class: "lucidw-dot" });
  const mark = svg("path", { class: "lucidw-curve-mark" });
  const curve = svg("svg", { class: "lucidw-curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", tabindex: "0" }, area, line, mark, dot);
  const most = h("span", { class: "lucidw-curve-top" });
  const least = h("span", { class: "lucidw-curve-bottom" });
  const log = h("button", { type: "button", class: "lucidw-button lucidw-toggle lucidw-curve-log", "data-lucidw": "log", "aria-pressed": "false", title: text.logTip }, text.log);
  const from = h("span");
  const at = h("span", { class: "lucidw-curve-at", "data-lucidw": "curve-at", role: "status" });
  const to = h("span");
  const axis = h("div", { class: "lucidw-curve-axis" }, from, at, to);
  const el = h("div", { class: "lucidw-curve-box" }, most, log, curve, least, axis);
  /** @type {History} */
  let points = [];
  /** @type {unknown} */
  let drawn;
  let logarithmic = false;
  let looked = -1;

  /** Only a positive objective has a logarithm. */
  const positive = () => points.length > 1 && points.every(([, value]) => value > 0);

  function draw() {
    const scale = logarithmic && positive();
    const shape = sparkline(scale ? points.map(([step, value]) => [step, Math.log10(value)]) : points, WIDTH, HEIGHT, MARGIN);
    line.setAttribute("d", shape?.path ?? "");
    area.setAttribute("d", shape ? `${shape.path}V${HEIGHT}H${shape.path.slice(1, shape.path.indexOf(" "))}Z` : "");
    // A line of length zero with a round cap is a round dot even if the curve is stretched.
    dot.setAttribute("d", shape ? `M${shape.last.x} ${shape.last.y}h0` : "");
    const values = points.map(([, value]) => value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    setText(most, shape ? formatObjective(high) : "");
    setText(least, shape ? formatObjective(low) : "");
    setText(from, shape ? text.curveStep(formatCount(points[0]?.[0])) : "");
    setText(to, shape ? formatCount(points.at(-1)?.[0]) : "");
    log.hidden = !positive();
    log.setAttribute("aria-pressed", String(scale));
    curve.setAttribute("aria-label", shape ? text.curve(formatObjective(low), formatObjective(high), formatObjective(values.at(-1))) : text.noCurve);
    look(Math.min(looked, points.length - 1));
  }

  /** Shows the value of a point. @param {number} index -1 for none */
  function look(index) {
    looked = index;
    const point = points[index];
    const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
    const x = point ? MARGIN + ((point[0] - first) / (last - first || 1)) * (WIDTH - 2 * MARGIN) : 0;
    mark.setAttribute("d", point ? `M${x.toFixed(1)} 0V${HEIGHT}` : "");
    setText(at, point ? text.curveAt(formatCount(point[0]), formatObjective(point[1])) : "");
  }

  on(curve, "pointermove", (/** @type {PointerEvent} */ event) => {
    if (points.length < 2) return;
    const box = curve.getBoundingClientRect();
    const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
    const share = ((event.clientX - box.left) / box.width) * WIDTH;
    const step = first + ((share - MARGIN) / (WIDTH - 2 * MARGIN)) * (last - first);
    let nearest = 0;
    for (const [index, [each]] of points.entries()) if (Math.abs(each - step) < Math.abs((points[nearest]?.[0] ?? 0) - step)) nearest = index;
    look(nearest);
  });
  on(curve, "pointerleave", () => look(-1));
  on(curve, "blur", () => look(-1));
  on(curve, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const end = points.length - 1;
    const next = { ArrowLeft: looked < 0 ? end : Math.max(0, looked - 1), ArrowRight: looked < 0 ? 0 : Math.min(end, looked + 1), Home: 0, End: end }[event.key];
    if (next === undefined || end < 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    look(next);
  });
  on(log, "click", () => {
    logarithmic = !logarithmic;
    draw();
  });

  return {
    el,

    /** @param {History} history */
    show(history) {
      if (history === drawn) return;
      drawn = history;
      points = history.filter(([step, value]) => Number.isFinite(step) && Number.isFinite(value));
      draw();
    },
  };
}
