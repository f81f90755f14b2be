import assert from "node:assert/strict";
import { test } from "node:test";
import { toBytes } from "../src/core/wire/bytes.js";
import { newClientId } from "../src/core/wire/client_id.js";
import { tokenize } from "../src/core/objective/expression_tokens.js";
import { formatCount, formatDuration, formatObjective, formatRate, formatRoughly } from "../src/core/text/format.js";
import { layerPairs } from "../src/core/objective/layer_pairs.js";
import { arrangeCells, filterCells } from "../src/core/layout/cell_layout.js";
import { parseQuery } from "../src/core/layout/cell_query.js";
import { sparkline } from "../src/core/run/sparkline.js";
import { bestMatch, filterLayers, moveRow } from "../src/core/objective/layer_search.js";
import { clamp, parseWhole, stepNumber } from "../src/core/input/numbers.js";
import { announcement, transport } from "../src/core/run/status.js";

test("bytes: accepts every kind of buffer and respects offset and length", () => {
  const { buffer } = new Uint8Array([9, 9, 1, 2, 3, 9]);
  for (const given of [new DataView(buffer, 2, 3), new Uint8Array(buffer, 2, 3), new Uint8Array([1, 2, 3]).buffer]) {
    assert.deepEqual([...toBytes(given)], [1, 2, 3]);
  }
  assert.equal(toBytes(null).length, 0);
  assert.equal(toBytes(undefined).length, 0);
});

test("client ids: 16 hexadecimal digits, unique", () => {
  const ids = new Set(Array.from({ length: 1000 }, newClientId));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
});

test("sparkline: spans the box, placed by step and not by index", () => {
  const shape = sparkline([[0, 10], [10, 30], [40, 50]], 106, 46, 3);
  assert.deepEqual(shape, { path: "M3 43L28 23L103 3", last: { x: 103, y: 3 }, min: 10, max: 50 });
});

test("sparkline: a constant is at half the height; gaps and single points draw nothing", () => {
  assert.equal(sparkline([[0, 5], [1, 5]], 106, 46)?.path, "M3 23L103 23");
  assert.equal(sparkline([[0, 5], [1, NaN], [2, 5]], 106, 46)?.path, "M3 23L103 23");
  assert.equal(sparkline([[0, 5], [1, Infinity]], 106, 46), null);
  assert.equal(sparkline([], 106, 46), null);
  assert.deepEqual(sparkline([[3, 1], [3, 2]], 106, 46)?.last, { x: 3, y: 3 });
});

test("objectives keep four digits and their width", () => {
  const cases = [
    [974.62, "974.6"],
    [9.1, "9.100"],
    [42, "42.00"],
    [1234.5, "1235"],
    [-12.345, "−12.35"],
    [0, "0.000"],
    [123456.7, "123,457"],
    [1.5e9, "1.50E9"],
    [-0.000012, "−1.20E−5"],
    [null, "–"],
    [undefined, "–"],
    [NaN, "–"],
    [-Infinity, "−∞"],
  ];
  for (const [value, expected] of cases) assert.equal(formatObjective(value), expected);
});

test("estimates are rounded", () => {
  const cases = /** @type {[number, string][]} */ ([[61, "1 min"], [400, "7 min"], [1790, "30 min"], [4100, "1 h 10 min"], [40_000, "11 h"]]);
  for (const [seconds, expected] of cases) assert.equal(formatRoughly(seconds), expected);
});

test("counts, rates and durations are formatted for reading", () => {
  assert.equal(formatCount(1024), "1024");
  assert.equal(formatCount(20480), "20,480");
  assert.equal(formatRate(22.64), "22.6 steps/s");
  assert.equal(formatRate(0.127), "0.13 steps/s");
  assert.equal(formatRate(250.2), "250 steps/s");
  assert.equal(formatRate(0), "–");
  const times = [[0.4, "0 s"], [14.2, "14 s"], [59.6, "1 min"], [80, "1 min 20 s"], [7500, "2 h 5 min"], [null, "–"], [Infinity, "–"]];
  for (const [seconds, expected] of times) assert.equal(formatDuration(seconds), expected);
});

const LAYERS = [
  { name: "conv2d0", kind: "Conv2D", channels: 64, share: 0.1 },
  { name: "mixed4a", kind: "Concat", channels: 508, share: 0.6 },
  { name: "mixed4a_pre_relu", kind: "Concat", channels: 508, share: 0.6 },
  { name: "mixed4b", kind: "Concat", channels: 512, share: 0.7 },
];
const names = (found) => found.map((layer) => layer.name);

test("layers: every word must match name or kind, ignoring case", () => {
  assert.equal(filterLayers(LAYERS, "  "), LAYERS);
  assert.deepEqual(names(filterLayers(LAYERS, "MIXED4 relu")), ["mixed4a_pre_relu"]);
  assert.deepEqual(names(filterLayers(LAYERS, "concat 4b")), ["mixed4b"]);
  assert.deepEqual(names(filterLayers(LAYERS, "(")), []);
});

test("layers: Enter prefers the exact name to the first match", () => {
  const found = filterLayers([...LAYERS].reverse(), "mixed4a");
  assert.deepEqual(names(found), ["mixed4a_pre_relu", "mixed4a"]);
  assert.equal(bestMatch(found, " Mixed4A ")?.name, "mixed4a");
  assert.equal(bestMatch(found, "mixed")?.name, "mixed4a_pre_relu");
  assert.equal(bestMatch([], "x"), undefined);
});

test("layers: keys move the highlight and stop at the ends", () => {
  const moves = [
    ["ArrowDown", -1, 0], ["ArrowDown", 2, 3], ["ArrowDown", 3, 3], ["ArrowUp", 0, 0], ["ArrowUp", -1, 3],
    ["PageDown", 1, 3], ["PageUp", 2, 0], ["Home", 2, 0], ["End", 0, 3], ["a", 1, null],
  ];
  for (const [key, from, to] of moves) assert.equal(moveRow(key, from, 4), to, `${key} from ${from}`);
  assert.equal(moveRow("ArrowDown", -1, 0), null);
});

test("numbers: whole numbers only, within their range", () => {
  assert.deepEqual(["12", " -3 ", "−4", "1e3", "2.5", "", "0x10"].map(parseWhole), [12, -3, -4, null, null, null, null]);
  assert.deepEqual([clamp(-1, 0, 9), clamp(10, 0, 9), clamp(10, 0, null)], [0, 9, 10]);
  const range = { min: 0, max: 511 };
  const moves = [["ArrowUp", 511, 511], ["ArrowUp", 4, 5], ["ArrowDown", 0, 0], ["PageUp", 505, 511], ["PageDown", 30, 20], ["Home", 5, null]];
  for (const [key, from, to] of moves) assert.equal(stepNumber(key, from, range), to, `${key} from ${from}`);
});

const kinds = (source) => tokenize(source).filter((token) => token.text.trim()).map((token) => `${token.kind} ${token.text}`);

test("expression: finds names, strings, numbers, operators and brackets", () => {
  assert.deepEqual(kinds('channel("mixed4a", 476) - 0.5*b'), [
    "name channel", "bracket (", 'string "mixed4a"', "bracket ,", "number 476", "bracket )",
    "operator -", "number 0.5", "operator *", "name b",
  ]);
  assert.deepEqual(kinds("mixed4a/conv_1:30"), ["string mixed4a/conv_1", "operator :", "number 30"]);
  assert.deepEqual(kinds('f("a\\"b", 1e-3)'), ["name f", "bracket (", 'string "a\\"b"', "bracket ,", "number 1e-3", "bracket )"]);
  assert.deepEqual(kinds('f("open, 3)'), ["name f", "bracket (", 'error "open, 3)']);
});

test("expression: tokens join to the original text", () => {
  for (const source of ["", "  ", "§$ 𝒳<b>&amp;", "a:b:c", "'", "1.2.3", "mixed4a:", ":5", "x\ty", "é_1 + ñ"]) {
    assert.equal(tokenize(source).map((token) => token.text).join(""), source);
  }
});

test("transport: buttons follow the status", () => {
  const short = (status, step = 5) => {
    const { primary, label, ...on } = transport(status, step);
    return [label, primary, Object.keys(on).filter((name) => on[name]).join(" ")];
  };
  assert.deepEqual(short("idle", 0), ["Run", "run", "step"]);
  assert.deepEqual(short("idle", 3), ["Run", "run", "step reset"]);
  for (const status of ["queued", "compiling", "running"]) assert.deepEqual(short(status), ["Pause", "pause", "stop reset"]);
  assert.deepEqual(short("paused"), ["Resume", "resume", "step stop reset"]);
  assert.deepEqual(short("done"), ["Run again", "run", "step reset"]);
  assert.deepEqual(short("stopped"), ["Run", "run", "step reset"]);
  assert.deepEqual(short("error"), ["Run", "run", "step reset"]);
});

test("announcements: only changes of status and quarters of the run", () => {
  const at = (status, step, total = 512) => ({ status, step, total });
  assert.equal(announcement(at("idle", 0), at("running", 0)), "Running, 512 steps");
  assert.equal(announcement(at("idle", 0, 0), at("running", 0, 0)), "Running");
  assert.equal(announcement(at("running", 5, 0), at("running", 500, 0)), null);
  assert.equal(announcement(at("running", 120), at("running", 127)), null);
  assert.equal(announcement(at("running", 120), at("running", 128)), "25 percent done");
  assert.equal(announcement(at("running", 100), at("running", 400)), "75 percent done");
  assert.equal(announcement(at("running", 500), at("running", 512)), null);
  assert.equal(announcement(at("running", 500), at("done", 512)), "Finished after 512 steps");
  assert.equal(announcement(at("running", 100, 512), at("running", 100, 256)), null);
});

test("layerPairs: a layer before its activation belongs to the one after it, if there is one", () => {
  const layers = ["conv1_pre_relu", "conv1", "lone_pre_relu", "dense_pre_activation", "dense"].map((name) => ({ name, kind: "", channels: 1, share: 0 }));
  assert.deepEqual([...layerPairs(layers)], [["conv1_pre_relu", "conv1"], ["dense_pre_activation", "dense"]]);
});

test("searches for channels: words, numbers and figures", () => {
  const units = [0, 1, 2, 3, 10, 12];
  const labels = ["panda", "fox", "owl", "cat", "red panda", "dog"];
  const figures = { selectivity: [0.9, 0.1, null, 0.8, 0, 0, 0, 0, 0, 0, 0.85, 0, 0.2] };
  const find = (/** @type {string} */ query) => filterCells(units, [], query, { layer: "low", figures }).map((place) => units[place]);
  assert.deepEqual(find("1"), [1, 10, 12]);
  assert.deepEqual(find("low:1"), [1]);
  assert.deepEqual(find("low"), units);
  assert.deepEqual(find("selectivity > .8"), [0, 10]);
  assert.deepEqual(find("SELECTIVITY<=0.1"), [1]);
  assert.deepEqual(find("1 selectivity > 0.15"), [10, 12]);
  assert.deepEqual(filterCells([0, 1], labels, "panda selectivity > 0.5", { figures }), [0]);
  // What is not finished, or not known yet, hides nothing.
  for (const query of ["selectivity >", "selectivity > 0.", "strength > 3"]) assert.deepEqual(find(query), query === "selectivity > 0." ? [0, 1, 3, 10, 12] : units);
  assert.deepEqual(find("selectvity > 0.8"), []);
  assert.deepEqual(parseQuery("Fox strength>=-1e2"), { words: "fox", comparisons: [{ figure: "strength", than: ">=", value: -100 }] });
});

test("cells in the order of a figure", () => {
  const figures = { selectivity: [0.2, null, 0.9, 0.2], dead: [3] };
  const places = [0, 1, 2, 3];
  assert.deepEqual(arrangeCells(places, places, figures, { sort: "selectivity", hideDead: false }), [2, 0, 3, 1]);
  assert.deepEqual(arrangeCells(places, places, figures, { sort: "selectivity", hideDead: true, smallest: true }), [0, 2, 1]);
  assert.deepEqual(arrangeCells(places, places, figures, { sort: "channel", hideDead: true }), [0, 1, 2]);
});
