import assert from "node:assert/strict";
import { test } from "node:test";
import { ASK_EVERY, Cancelled, exportByPython } from "../src/core/wire/python_export.js";
import { createClock } from "./clock.js";

/** A fake Python that finishes at the second poll and sends at most three bytes at a time. */
function python(files, { fail = null } = {}) {
  const asked = [];
  let progress = 0;
  const command = async (name, args) => {
    asked.push([name, args]);
    if (name === "export") return { value: { job: "j1" }, buffers: [] };
    if (name === "export_progress") {
      progress += 1;
      if (fail && progress === 2) throw fail;
      const about = files.map(({ filename, data }) => ({ filename, mime: "image/gif", bytes: data.length }));
      return { value: { done: progress, total: 3, files: progress === 3 ? about : null }, buffers: [] };
    }
    if (name === "export_chunk") {
      return { value: null, buffers: [Uint8Array.from(files[args.file].data.slice(args.offset, args.offset + 3))] };
    }
    return { value: null, buffers: [] };
  };
  return { asked, command };
}

const FILES = [
  { filename: "a.png", data: [1, 2, 3, 4, 5, 6, 7] },
  { filename: "a.json", data: [8] },
];

test("an export is polled, fetched in parts, reassembled and released", async () => {
  const clock = createClock();
  const { asked, command } = python(FILES);
  const seen = [];
  const result = exportByPython({ command, clock, args: { format: "gif" }, onProgress: (p) => seen.push(p), signal: new AbortController().signal });
  await clock.turn(3 * ASK_EVERY);
  assert.deepEqual((await result).map(({ file, data }) => [file.filename, [...data]]), [["a.png", FILES[0].data], ["a.json", [8]]]);
  assert.deepEqual(asked[0], ["export", { format: "gif" }]);
  assert.deepEqual(asked.filter(([name]) => name === "export_chunk").map(([, args]) => [args.file, args.offset]), [[0, 0], [0, 3], [0, 6], [1, 0]]);
  assert.deepEqual(asked.at(-1), ["export_end", { job: "j1" }]);
  assert.deepEqual(seen.slice(0, 2).map((p) => [p.done, p.total]), [[1, 3], [2, 3]]);
  assert.equal(seen.at(-1).fetched, 1);
  assert.equal(clock.waiting, 0);
});

test("canceling ends the job in Python", async () => {
  const clock = createClock();
  const { asked, command } = python(FILES);
  const abort = new AbortController();
  const result = exportByPython({ command, clock, args: {}, onProgress: () => undefined, signal: abort.signal });
  await clock.turn(1);
  abort.abort();
  const refused = assert.rejects(result, Cancelled);
  await clock.turn(ASK_EVERY);
  await refused;
  assert.equal(asked.at(-1)[0], "export_end");
  assert.equal(asked.filter(([name]) => name === "export_chunk").length, 0);
});

test("a refusal by Python is passed on, and the job ends", async () => {
  const clock = createClock();
  const { asked, command } = python(FILES, { fail: new Error("no room left") });
  const result = exportByPython({ command, clock, args: {}, onProgress: () => undefined, signal: new AbortController().signal });
  const refused = assert.rejects(result, /no room left/);
  await clock.turn(2 * ASK_EVERY);
  await refused;
  assert.equal(asked.at(-1)[0], "export_end");
});
