/**
 * The objective over the run as an SVG path, with the newest point at the right edge.
 * @param {Array<[number, number]>} history pairs of step and objective, in order
 * @param {number} width
 * @param {number} height
 * @param {number} [margin] kept free at every edge for the width of the line and the dot
 * @returns {{path: string, last: {x: number, y: number}, min: number, max: number} | null} null for fewer than two points
 */
export function sparkline(history, width, height, margin = 3) {
  const points = history.filter(([step, value]) => Number.isFinite(step) && Number.isFinite(value));
  const first = points[0];
  const final = points.at(-1);
  if (!first || !final || points.length < 2) return null;
  const values = points.map(([, value]) => value);
  const min = Math.min(...values);
  const max = Math.max(...values);
  const span = max - min;
  const steps = final[0] - first[0] || 1;
  /** @param {number} step */
  const x = (step) => round(margin + ((step - first[0]) / steps) * (width - 2 * margin));
  // A constant objective is drawn at half the height, not along the bottom.
  /** @param {number} value */
  const y = (value) => round(height - margin - (span ? (value - min) / span : 0.5) * (height - 2 * margin));
  const path = points.map(([step, value], i) => `${i ? "L" : "M"}${x(step)} ${y(value)}`).join("");
  return { path, last: { x: x(final[0]), y: y(final[1]) }, min, max };
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
