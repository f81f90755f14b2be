import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReal, stepDecades } from "../src/core/input/numbers.js";
import { differences } from "../src/core/run/run_differences.js";
import { runNames } from "../src/core/run/run_names.js";
import { counted } from "../src/core/text/plural.js";
import { PART_BYTES, toBase64, uploadFile } from "../src/core/wire/upload.js";

test("numbers may have a decimal point, a comma or an exponent", () => {
  for (const [typed, value] of /** @type {[string, number | null][]} */ ([
    ["0.05", 0.05],
    [" 1,5 ", 1.5],
    ["1e-3", 0.001],
    [".5", 0.5],
    ["−2", -2],
    ["", null],
    ["fast", null],
    ["1e9999", null],
    ["0x10", null],
  ])) {
    assert.equal(parseReal(typed), value, typed);
  }
});

test("arrow keys go through 1, 2, 5, 10 and stop at the ends", () => {
  const range = { min: 1e-6, max: 1e6 };
  let value = 0.01;
  const seen = [];
  for (let i = 0; i < 7; i++) seen.push((value = /** @type {number} */ (stepDecades("ArrowUp", value, range))));
  assert.deepEqual(seen, [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
  assert.equal(stepDecades("ArrowDown", 0.1, range), 0.05);
  assert.equal(stepDecades("ArrowUp", 0.03, range), 0.05);
  assert.equal(stepDecades("ArrowDown", 0.03, range), 0.02);
  assert.equal(stepDecades("PageUp", 0.05, range), 0.5);
  assert.equal(stepDecades("ArrowDown", 1e-6, range), 1e-6);
  assert.equal(stepDecades("PageUp", 1e6, range), 1e6);
  assert.equal(stepDecades("a", 1, range), null);
});

test("a file is uploaded in ordered parts, byte for byte", async () => {
  const bytes = new Uint8Array(2 * PART_BYTES + 5).map((_, i) => (i * 7) % 256);
  /** @type {any[]} */
  const sent = [];
  const shares = /** @type {number[]} */ ([]);
  const file = { name: "x", size: bytes.length, slice: (/** @type {number} */ a, /** @type {number} */ b) => new Blob([bytes.slice(a, b)]) };
  await uploadFile(async (piece) => sent.push(piece), file, "u1", (share) => shares.push(share));
  assert.deepEqual(sent.map(({ part, parts, upload }) => [part, parts, upload]), [0, 1, 2].map((part) => [part, 3, "u1"]));
  assert.deepEqual(new Uint8Array(Buffer.concat(sent.map(({ data }) => Buffer.from(data, "base64")))), bytes);
  assert.deepEqual(shares, [0, 1 / 3, 2 / 3]);
  assert.equal(toBase64(new Uint8Array(0)), "");
});

test("a refused part ends the upload", async () => {
  const file = { name: "x", size: 3 * PART_BYTES, slice: () => new Blob(["abc"]) };
  let count = 0;
  const refuse = async () => {
    count += 1;
    throw new Error("no");
  };
  await assert.rejects(uploadFile(refuse, file, "u"), /no/);
  assert.equal(count, 1);
});

test("differences between a run and the current settings are described", () => {
  const now = { expression: 'channel("a", 1)', image_size: 128, batch: 1, parameterization: "fourier", robust_to: "affine", shift: 6, scale: 0.1, rotate: 10, optimizer: "Adam", learning_rate: 0.05, seed: 0, _start_image_about: {} };
  const run = /** @type {any} */ ({ ...now, id: 1, step: 8, steps: 8, objective: 1, start_image: "", steered: false });
  assert.deepEqual(differences(run, now), []);
  assert.deepEqual(differences({ ...run, image_size: 256, shift: 2, scale: 0.25, seed: 7 }, now), ["256 px", "shift 2 px", "scale 25 %", "seed 7"]);
  // The amounts do not matter to a run without simple transforms.
  assert.deepEqual(differences({ ...run, robust_to: "nothing", shift: 2 }, now), ["transforms off"]);
  assert.deepEqual(differences({ ...run, start_image: "dog.jpg" }, now), ["from dog.jpg"]);
});

test("counted nouns are singular for one", () => {
  assert.equal(counted(1, "step"), "1 step");
  assert.equal(counted(0, "step"), "0 steps");
  assert.equal(counted(1024, "step"), "1024 steps");
  assert.equal(counted(2, "class", "classes"), "2 classes");
});

test("runs are named by their network if there are several", () => {
  const run = /** @type {any} */ ({ id: 1, model: "a", expression: 'channel("x", 1)' });
  assert.equal(runNames([run], "a").get(1)?.name, "x:1");
  assert.equal(runNames([run], "b").get(1)?.name, "x:1 · a");
  const names = runNames([run, { ...run, id: 2, model: "b" }], "b");
  assert.deepEqual([...names.values()].map(({ name }) => name), ["x:1 · a", "x:1 · b"]);
});
