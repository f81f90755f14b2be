import assert from "node:assert/strict";
import { test } from "node:test";
import { buildLayerTree, pathTo, visibleRows } from "../src/core/objective/layer_tree.js";
import { KINDS, wordsFor } from "../src/core/text/builder.js";
import {
  findLabels,
  lengthAt,
  nextWeight,
  parseChannels,
  parseVector,
  randomVector,
  writeVector,
} from "../src/core/input/term_values.js";
import { parseReal } from "../src/core/input/numbers.js";
import { pinnedStage, rowsInView, scrollFor } from "../src/core/layout/visible_rows.js";

/** @param {string[]} names */
const layers = (...names) => names.map((name) => ({ name, kind: "conv", channels: 8, share: 0.5 }));

test("layer tree: shared name parts become branches, chains of single children are merged", () => {
  const tree = buildLayerTree(layers("stem", "block_1_conv", "block_1_relu", "block_2_conv", "top/a.b", "top/a.c"));
  const shape = (branches) => branches.map(({ label, count, branches: below }) => (below.length ? [label, count, shape(below)] : label));
  assert.deepEqual(shape(tree), [
    "stem",
    ["block_", 3, [["1_", 2, ["conv", "relu"]], "2_conv"]],
    ["top/a.", 2, ["b", "c"]],
  ]);
});

test("layer tree: contains every layer once and in order, also a layer whose name is a prefix of others", () => {
  const names = ["mixed4a", "mixed4a_1x1", "mixed4a_1x1_pre", "a", "a/b", "_x", "y_"];
  const tree = buildLayerTree(layers(...names));
  const inside = (branches) => branches.flatMap((each) => [...(each.layer ? [each.layer.name] : []), ...inside(each.branches)]);
  assert.deepEqual(inside(tree).toSorted(), names.toSorted());
  assert.equal(tree.reduce((sum, branch) => sum + branch.count, 0), names.length);
});

test("layer tree: shows rows of open branches, and the path to a layer opens it", () => {
  const tree = buildLayerTree(layers("stem", "block_1_conv", "block_1_relu", "block_2_conv"));
  const rows = (open) => visibleRows(tree, open).map((row) => row.key);
  assert.deepEqual(rows(new Set()), ["stem", "block_"]);
  const path = pathTo(tree, "block_1_relu");
  assert.deepEqual(path, ["block_", "block_1_"]);
  assert.deepEqual(rows(new Set(path)), ["stem", "block_", "block_1_", "block_1_conv", "block_1_relu", "block_2_conv"]);
  assert.deepEqual(pathTo(tree, "stem"), []);
  assert.deepEqual(pathTo(tree, "no such layer"), []);
});

test("visible rows: include a few rows on either side, within the list", () => {
  const list = { height: 240, row: 24, count: 5000, spare: 2 };
  assert.deepEqual(rowsInView({ ...list, top: 0 }), { first: 0, end: 12 });
  assert.deepEqual(rowsInView({ ...list, top: 1200 }), { first: 48, end: 62 });
  assert.deepEqual(rowsInView({ ...list, top: 5000 * 24 - 240 }), { first: 4988, end: 5000 });
  assert.deepEqual(rowsInView({ ...list, top: 1e6, count: 3 }), { first: 3, end: 3 });
});

test("visible rows: scroll no further than necessary", () => {
  const list = { top: 240, height: 240, row: 24 };
  assert.equal(scrollFor(12, list), 240);
  assert.equal(scrollFor(9, list), 9 * 24 - 4);
  assert.equal(scrollFor(20, list), 21 * 24 - 240 + 4);
  assert.equal(scrollFor(0, list), 0);
});

test("real numbers are parsed as users type them", () => {
  assert.deepEqual(["0.5", " 2 ", "−3", "1e-3", ".5", "+4", "1,5"].map(parseReal), [0.5, 2, -3, 0.001, 0.5, 4, 1.5]);
  assert.deepEqual(["", "a", "1,5,2", "1e999", "--1", "0x10", "NaN"].map(parseReal), Array(7).fill(null));
});

test("weights go up and down through 1, 2, 5", () => {
  const up = [];
  for (let weight = 0; up.length < 8; up.push(weight)) weight = nextWeight(weight, 1);
  assert.deepEqual(up, [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2]);
  assert.deepEqual([1, 1.7, 100, 0.001, 0].map((weight) => nextWeight(weight, -1)), [0.5, 1, 50, 0.0005, 0]);
  assert.deepEqual([1, 1.7, 100].map((weight) => nextWeight(weight, 1)), [2, 2, 200]);
});

test("channels: parses a list of whole numbers and rejects anything else", () => {
  assert.deepEqual(parseChannels("3, 17 42"), [3, 17, 42]);
  assert.deepEqual(["", "3, x", "-1", "1.5"].map(parseChannels), [null, null, null, null]);
});

test("directions: parses both notations and writes the shorter one", () => {
  assert.deepEqual(parseVector("1: 2, 3: -0.5", 5).vector, [0, 2, 0, -0.5, 0]);
  assert.deepEqual(parseVector("[1, 2.5, −3]", 3).vector, [1, 2.5, -3]);
  assert.deepEqual(parseVector("7: 1", 5), { vector: null, problem: "range", at: 7 });
  assert.equal(parseVector("7: 1", null).problem, "unknown");
  for (const wrong of ["", "a", "1: b", "1: 2: 3", "x: 1"]) assert.equal(parseVector(wrong, 5).problem, "syntax");
  assert.equal(writeVector([0, 2, 0, -0.5, 0]), "1: 2, 3: -0.5");
  assert.equal(writeVector([1, 2, 3]), "1, 2, 3");
  assert.equal(writeVector([0, 0]), "0, 0");
  const long = randomVector(40);
  assert.deepEqual(parseVector(writeVector(long), 40).vector, long);
});

test("random directions are normally distributed", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const drawn = randomVector(20_000, random);
  const mean = drawn.reduce((a, b) => a + b) / drawn.length;
  const variance = drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / drawn.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.05, `${mean} ${variance}`);
  assert.ok(drawn.every((value) => Number.isFinite(value) && !Object.is(value, -0)));
});

test("labels: prefixes come first, then word prefixes, then other matches; an index is found too", () => {
  const labels = ["giant panda", "panda", "expanda", "red panda", "cat"];
  assert.deepEqual(findLabels(labels, "PANDA"), { indices: [1, 0, 3, 2], count: 4 });
  assert.deepEqual(findLabels(labels, "", 2), { indices: [0, 1], count: 5 });
  assert.deepEqual(findLabels(labels, "4").indices, [4]);
  assert.deepEqual(findLabels(labels, "zebra"), { indices: [], count: 0 });
});

test("an error underlines a whole word or string, or a single character", () => {
  assert.equal(lengthAt("chanel(1)", 0), 6);
  assert.equal(lengthAt('f("a b", 1)', 2), 5);
  assert.equal(lengthAt('f("open', 2), 5);
  assert.equal(lengthAt("a )", 2), 1);
  assert.equal(lengthAt("a", 1), 1);
});

test("every kind of term has a unique name and explanation", () => {
  const kinds = KINDS.flatMap((group) => Object.keys(group.kinds));
  assert.equal(new Set(kinds).size, kinds.length);
  for (const kind of [...kinds, "number"]) {
    assert.ok(wordsFor(kind).name && wordsFor(kind).about.endsWith("."), kind);
    assert.ok(wordsFor(kind).about.length < 90, kind);
  }
  assert.deepEqual(wordsFor("unheard_of"), { name: "unheard_of", about: "" });
});

test("the heading of a stage is pinned until the next heading pushes it away", () => {
  const heading = { level: 1, note: "14 × 14" };
  const rows = [heading, { level: 2 }, { level: 2 }, heading, { level: 1 }, heading, { level: 2 }];
  assert.equal(pinnedStage(rows, 0, 24), null);
  assert.deepEqual(pinnedStage(rows, 1, 24), { index: 0, shift: 0 });
  assert.deepEqual(pinnedStage(rows, 48, 24), { index: 0, shift: 0 });
  assert.deepEqual(pinnedStage(rows, 58, 24), { index: 0, shift: -10 });
  assert.equal(pinnedStage(rows, 72, 24), null);
  assert.equal(pinnedStage(rows, 80, 24), null, "a closed stage has no layers to stay above");
  assert.equal(pinnedStage(rows, 100, 24), null, "a single layer is no stage");
  assert.deepEqual(pinnedStage(rows, 125, 24), { index: 5, shift: 0 });
  assert.equal(scrollFor(1, { top: 24, height: 240, row: 24, covered: 24 }), 0);
});
