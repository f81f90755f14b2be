import { formatCount, formatObjective } from "../../core/text/format.js";
import { evidenceText } from "../../core/text/evidence.js";
import { h, setText, svg } from "../base/dom.js";

const WIDTH = 240;
const HEIGHT = 64;

/** The distribution of a unit's activation over the images, with a mark for the image of the run. */
export function createHistogram() {
  const bars = svg("g", { class: "lucidw-histogram-bars" });
  const mark = svg("line", { class: "lucidw-histogram-mark", y1: 0, y2: HEIGHT });
  const drawing = svg("svg", { class: "lucidw-histogram", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" }, bars, mark);
  const low = h("span");
  const high = h("span");
  const el = h("div", { class: "lucidw-histogram-frame" });
  el.append(drawing, h("div", { class: "lucidw-histogram-axis", "aria-hidden": "true" }, low, high));
  /** @type {unknown} */
  let drawn = null;

  return {
    el,

    /** @param {WidgetState} state */
    show(state) {
      const about = state._evidence ?? {};
      /** @type {number[]} */
      const counts = about.histogram ?? [];
      const [first, last] = about.edges ?? [0, 1];
      const own = state._evidence_value?.value;
      // The range grows with the image, which usually excites the unit more than any real image.
      const end = Math.max(last, Number.isFinite(own) ? own : last);
      const start = Math.min(first, Number.isFinite(own) ? own : first);
      const key = JSON.stringify([about.unit, counts.length, start, end, own]);
      if (drawn === key) return;
      drawn = key;
      const most = Math.max(1, ...counts);
      const scale = WIDTH / (end - start || 1);
      const step = (last - first) / (counts.length || 1);
      bars.replaceChildren(
        ...counts.flatMap((count, index) => {
          if (!count) return [];
          // The square root keeps rare values visible.
          const tall = Math.max(1.5, Math.sqrt(count / most) * (HEIGHT - 2));
          return [svg("rect", { x: (first + index * step - start) * scale, y: HEIGHT - tall, width: Math.max(1, step * scale * 0.86), height: tall })];
        }),
      );
      mark.toggleAttribute("hidden", !Number.isFinite(own));
      const at = String(Number.isFinite(own) ? Math.min(WIDTH - 1, Math.max(1, (own - start) * scale)) : 0);
      mark.setAttribute("x1", at);
      mark.setAttribute("x2", at);
      setText(low, formatObjective(start));
      setText(high, formatObjective(end));
      drawing.setAttribute("aria-label", evidenceText.histogram(formatCount(about.images), formatObjective(first), formatObjective(last)));
    },
  };
}
