import assert from "node:assert/strict";
import { test } from "node:test";
import { layOutNetwork } from "../src/core/layout/network_map.js";
import { openAtFirst, stageKey, stageName, stageOf, stageRows, stageSize } from "../src/core/objective/layer_stages.js";

/** @param {string} name @param {number} first @param {number} count @param {object} [more] */
const stage = (name, first, count, more = {}) => ({ name, first, count, layer: name, channels: 16, size: /** @type {any} */ ([8, 8]), reduction: 4, branches: 1, residual: false, ...more });
/** @param {string[]} names */
const layers = (...names) => names.map((name) => ({ name, kind: "conv", channels: 16, share: 0 }));

test("stages: names, sizes and the stage of a layer", () => {
  const [first, second, last] = [stage("conv1", 0, 2), stage("", 2, 1), stage("fc", 3, 1, { size: null, reduction: null })];
  assert.deepEqual([first, second, last].map(stageName), ["conv1", "8 × 8", "fc"]);
  assert.deepEqual([stageSize(first), stageSize(last), stageSize(stage("c", 0, 1, { size: null }))], ["8 × 8", "", "1/4"]);
  const all = layers("a", "b", "c", "d");
  assert.deepEqual(["a", "b", "c", "d", "e"].map((name) => stageOf([first, second, last], all, name)), [0, 0, 1, 2, -1]);
});

test("stages: rows below open headings, without empty groups", () => {
  const all = layers("conv1_a", "conv1_b", "conv2_a", "conv2_b", "conv2_c", "out");
  const stages = [stage("conv1", 0, 2), stage("conv2", 2, 3), stage("out", 5, 1)];
  const labels = (/** @type {any} */ shown, /** @type {Set<string>} */ open) => stageRows(stages, all, shown, open).map(({ label, level }) => `${level} ${label}`);
  assert.deepEqual(labels(all, new Set([stageKey(1)])), ["1 conv1", "1 conv2", "2 a", "2 b", "2 c", "1 out"]);
  assert.deepEqual(labels([all[3]], new Set([stageKey(1)])), ["1 conv2", "2 b"]);
  assert.equal(openAtFirst(stages, 6).size, 3);
  assert.equal(openAtFirst(stages, 60).size, 0);
});

test("network map: boxes follow resolution and channels, and stay inside", () => {
  const stages = [stage("a", 0, 1, { size: [64, 64], channels: 4 }), stage("b", 1, 1, { size: [16, 16], channels: 64 }), stage("c", 2, 1, { size: [4, 4], channels: 64 }), stage("d", 3, 1, { size: null, reduction: null, channels: 10 })];
  const { boxes, lines, arcs, axis, height } = layOutNetwork(stages, [[-1, 0], [0, 1], [1, 2], [0, 2], [2, 3]], 208);
  const [a, b, c, d] = /** @type {[any, any, any, any]} */ (boxes);
  // From 40 to 14 pixels on a logarithmic scale, and 10 for vectors.
  assert.deepEqual([a.height, b.height, c.height, d.height].map(Math.round), [40, 27, 14, 10]);
  assert.ok(b.width > a.width && b.width === c.width);
  assert.ok(a.x >= 18 && d.x + d.width <= 208 - 18);
  for (const box of boxes) assert.equal(box.y + box.height / 2, axis);
  assert.equal(lines.length, 5);
  assert.equal(arcs.length, 1);
  assert.ok(height > 2 * axis);
});

test("network map: never more than a few arcs, at any width, for any links", () => {
  const stages = Array.from({ length: 24 }, (_, i) => stage(`s${i}`, i, 1));
  const links = stages.flatMap((_, to) => Array.from({ length: to + 1 }, (_, from) => [from - 1, to]));
  for (const width of [120, 208, 700]) {
    const { boxes, arcs } = layOutNetwork(stages, [...links, [5, 2], [3, 99], [-7, 1]], width);
    assert.equal(arcs.length, 12);
    boxes.forEach((box, i) => assert.ok(box.width > 0 && box.x >= 0 && box.x + box.width <= (boxes[i + 1]?.x ?? width)));
  }
  assert.equal(layOutNetwork([stage("a", 0, 1), stage("b", 1, 1)], [], 208).lines.length, 3);
});
