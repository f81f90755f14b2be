import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { bundles } from "../build.mjs";

const STATIC = new URL("../../lucid_widgets/static/", import.meta.url);

test("the committed bundles are what the sources build, byte for byte", async () => {
  const built = await bundles();
  assert.deepEqual([...built.keys()], ["lucid_widget.css", "lucid_widget.js", "optimization_canvas.css", "optimization_canvas.js"]);
  for (const [name, text] of built) {
    assert.ok(text === (await readFile(new URL(name, STATIC), "utf8")), `${name} is stale: run "npm run build"`);
  }
});

test("a bundle is small, self-contained and more than one line long", async () => {
  for (const [name, text] of await bundles()) {
    assert.ok(Buffer.byteLength(text) < 50_000, name);
    assert.match(text, /^\/\* lucid_widgets sha256:[0-9a-f]{64} \*\/\n[^]+\n$/);
    assert.doesNotMatch(text, /https?:\/\/(?!www\.w3\.org\/2000\/svg)|\bimport\s*[("']|@import|url\(/);
  }
});
