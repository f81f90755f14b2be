/** @typedef {import("../objective/layer_stages.js").Stage} Stage */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/** Space at both ends for the image and the output. */
const END = 18;
/** Side of the square that stands for the image. */
export const IMAGE = 11;
const WIDEST = 34;
const WIDEST_GAP = 14;
const LOWEST = 14;
const HIGHEST = 40;
/** Height of a stage without rows and columns: vectors and tokens. */
const FLAT = 10;
/** Side of the image of a network that takes any size. Only ratios matter. */
const ANY_SIDE = 256;
/** Most links that skip stages. */
const MOST_ARCS = 12;
const ARC_DEPTH = 16;

/** Side of the activations of a stage; 0 for vectors, tokens and unknown sizes. @param {Stage} stage */
function side({ size, reduction }) {
  const found = size ? Math.sqrt(size[0] * size[1]) : reduction ? ANY_SIDE / reduction : 0;
  return found > 1 ? found : 0;
}

/** Scales a value to 0 to 1 on a logarithmic scale. @param {number} value @param {number[]} all */
function onLogScale(value, all) {
  const [low, high] = [Math.log(Math.min(...all)), Math.log(Math.max(...all))];
  return high > low ? (Math.log(value) - low) / (high - low) : 1;
}

/**
 * Where to draw the stages of a network. Higher boxes have more rows and columns, wider ones more channels.
 *
 * @param {Stage[]} stages
 * @param {number[][]} links pairs of indices of connected stages; -1 is the image
 * @param {number} width in pixels
 * @returns {{height: number, axis: number, boxes: Box[], lines: Array<[number, number]>, arcs: Array<{from: number[], to: number[], depth: number}>}}
 *   lines along the axis from one x to another, and arcs under the boxes, from one point to another, as deep as `depth`
 */
export function layOutNetwork(stages, links, width) {
  const count = stages.length;
  const room = Math.max(0, width - 2 * END);
  const weights = stages.map(({ channels }) => 1 + Math.log2(Math.max(1, channels ?? 1)) / 4);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const least = Math.min(6, (0.3 * room) / count);
  const unit = Math.min((room - least * (count - 1)) / total, WIDEST / Math.max(...weights, 1));
  const gap = count > 1 ? Math.min(WIDEST_GAP, (room - unit * total) / (count - 1)) : 0;
  const axis = HIGHEST / 2 + 8;
  const sides = stages.map(side).filter(Boolean);

  let x = (width - unit * total - gap * (count - 1)) / 2;
  const boxes = stages.map((stage, index) => {
    const length = side(stage);
    const height = length ? LOWEST + (HIGHEST - LOWEST) * onLogScale(length, sides) : FLAT;
    const box = { x, y: axis - height / 2, width: unit * /** @type {number} */ (weights[index]), height };
    x += box.width + gap;
    return box;
  });
  const start = (/** @type {number} */ index) => /** @type {Box} */ (boxes[index]).x;
  const end = (/** @type {number} */ index) => (index < 0 ? IMAGE : start(index) + /** @type {Box} */ (boxes[index]).width);
  const middle = (/** @type {number} */ index) => (index < 0 ? IMAGE / 2 : (start(index) + end(index)) / 2);
  const low = (/** @type {number} */ index) => axis + (index < 0 ? IMAGE : /** @type {Box} */ (boxes[index]).height) / 2;

  const known = links.length ? links : stages.map((_, index) => [index - 1, index]);
  const pairs = /** @type {[number, number][]} */ (known.filter(([from = 0, to = 0]) => from >= -1 && to > from && to < count));
  const lines = pairs.filter(([from, to]) => to === from + 1).map(([from, to]) => /** @type {[number, number]} */ ([end(from), start(to)]));
  const arcs = pairs
    .filter(([from, to]) => to > from + 1)
    .sort((a, b) => b[1] - b[0] - (a[1] - a[0]))
    .slice(0, MOST_ARCS)
    .map(([from, to]) => ({ from: [middle(from), low(from)], to: [middle(to), low(to)], depth: axis + HIGHEST / 2 + (ARC_DEPTH * (to - from)) / count }));
  return {
    height: 2 * axis + (arcs.length ? ARC_DEPTH - 4 : 0),
    axis,
    boxes,
    lines: [...lines, [end(count - 1), width - 5]],
    arcs,
  };
}
