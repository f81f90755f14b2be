import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { bundles, WIDGETS } from "../build.mjs";

const STATIC = new URL("../../lucid_widgets/static/", import.meta.url);

test("the committed bundles equal a fresh build, byte for byte", async () => {
  const built = await bundles();
  const names = Object.keys(WIDGETS).flatMap((widget) => [`${widget}.css`, `${widget}.js`]);
  assert.deepEqual([...built.keys()], names.sort());
  for (const [name, text] of built) {
    assert.ok(text === (await readFile(new URL(name, STATIC), "utf8")), `${name} is stale: run "npm run build"`);
  }
});

test("a bundle is small, self-contained and has more than one line", async () => {
  for (const [name, text] of await bundles()) {
    assert.ok(Buffer.byteLength(text) < WIDGETS[name.split(".")[0]], name);
    assert.match(text, /^\/\* lucid_widgets sha256:[0-9a-f]{64} \*\/\n[^]+\n$/);
    assert.doesNotMatch(text, /https?:\/\/(?!www\.w3\.org\/2000\/svg)|\bimport\s*[("']|@import|url\((?!"\$\{)/);
  }
});
