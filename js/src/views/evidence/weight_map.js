import { svg } from "../base/dom.js";

/** A map of weights: the color shows the sign, the opacity the size. Names for screen readers are up to the caller. */
export function createWeightMap() {
  const el = svg("svg", { class: "lucidw-weight-map", "aria-hidden": "true", "shape-rendering": "crispEdges" });
  /** @type {number[]} */
  let shown = [];

  return {
    el,

    /** Index of the largest weight. */
    peak() {
      return shown.reduce((best, value, index) => (Math.abs(value) > Math.abs(shown[best] ?? 0) ? index : best), 0);
    },

    /** @param {number[]} values row by row @param {number} rows @param {number} columns @param {number} largest the weight with the full color */
    show(values, rows, columns, largest) {
      if (shown === values) return;
      shown = values;
      el.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
      el.replaceChildren(
        ...values.flatMap((value, index) => {
          const share = Math.min(1, Math.abs(value) / (largest || 1));
          if (share < 0.004) return [];
          return [svg("rect", { x: index % columns, y: Math.floor(index / columns), width: 1, height: 1, class: value < 0 ? "lucidw-weight-negative" : "lucidw-weight-positive", "fill-opacity": share.toFixed(3) })];
        }),
      );
    },
  };
}
