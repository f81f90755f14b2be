import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { bundles, licenses, WIDGETS } from "../build.mjs";

const STATIC = new URL("../../lucid_widgets/static/", import.meta.url);

test("the committed bundles equal a fresh build, byte for byte", async () => {
  const built = await bundles();
  const names = Object.keys(WIDGETS).flatMap((widget) => [`${widget}.css`, `${widget}.js`]);
  assert.deepEqual([...built.keys()], names.sort());
  for (const [name, text] of built) {
    assert.ok(text === (await readFile(new URL(name, STATIC), "utf8")), `${name} is stale: run "npm run build"`);
  }
});

test("the licenses of all bundled packages are committed", async () => {
  const text = await licenses();
  for (const name of ["@dagrejs/dagre", "three"]) assert.match(text, new RegExp(`^${name}$`, "m"));
  assert.equal(text, await readFile(new URL("licenses.txt", STATIC), "utf8"));
});

test("a bundle is small, self-contained and has more than one line", async () => {
  for (const [name, text] of await bundles()) {
    assert.ok(Buffer.byteLength(text) < WIDGETS[name.split(".")[0]], name);
    assert.match(text, /^\/\* lucid_widgets sha256:[0-9a-f]{64} \*\/\n[^]+\n$/);
    // The names of two XML namespaces look like addresses.
    const others = /https?:\/\/(?!www\.w3\.org\/(?:2000\/svg|1999\/xhtml)\b)|\bimport\s*[("']|@import|url\((?!"\$\{)/.exec(text);
    assert.equal(others, null, `${name}: ${others?.[0]}`);
  }
});

test("all modules of a bundle share one run of its code", async () => {
  const text = await readFile(new URL("lucid_widget.js", STATIC), "utf8");
  const load = (more) => import(`data:text/javascript,${encodeURIComponent(text + more)}`);
  const [first, second] = await Promise.all([load("// one"), load("// two")]);
  assert.notEqual(first, second);
  assert.equal(typeof first.default, "function");
  assert.equal(first.default, second.default);
});
