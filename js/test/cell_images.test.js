import assert from "node:assert/strict";
import { test } from "node:test";
import { createCellImages, MADE } from "../src/views/grid/cell_images.js";
import { createClock, settled } from "./clock.js";

/** A grid whose sheets have one row of cells, and the bitmaps that are open. */
function createGrid() {
  const open = new Set();
  globalThis.createImageBitmap = async (_source, _x, _y, width = 0, height = 0) => {
    const bitmap = { width, height, close: () => open.delete(bitmap) };
    open.add(bitmap);
    return bitmap;
  };
  const images = createCellImages({ clock: createClock(), onDrawn() {}, onLook() {} });
  images.restore((name) => (name === "_board" ? 1 : null));
  /** @param {number[]} places @param {number} size */
  async function receive(places, size) {
    const of = (value) => places.map(() => value);
    const about = { board: 1, places, size, columns: places.length, mime: "image/webp", failures: {} };
    images.receive({ ...about, versions: of(1), states: of(MADE), values: of(null) }, new Uint8Array([1]));
    for (let turn = 0; turn < 4; turn += 1) await settled();
  }
  const kept = (count) => Array.from({ length: count }, (_, place) => place).filter((place) => images.cell(place));
  return { images, receive, kept, open };
}

test("images are kept up to 48 million pixels, then the oldest are dropped and closed", async () => {
  const { receive, kept, open } = createGrid();
  await receive([0, 1], 4000); // 16 million pixels each
  await receive([2], 4000); // exactly the limit
  assert.deepEqual(kept(4), [0, 1, 2]);
  await receive([3], 1);
  assert.deepEqual(kept(4), [1, 2, 3]);
  assert.equal(open.size, 3);
});

test("visible images are kept beyond the limit", async () => {
  const { images, receive, kept } = createGrid();
  images.show({}, [0, 2]);
  await receive([0, 1, 2, 3], 4000);
  assert.deepEqual(kept(4), [0, 2, 3]);
  images.show({}, [0, 1, 2, 3]);
  await receive([1], 4000);
  assert.deepEqual(kept(4), [0, 1, 2, 3]);
});
