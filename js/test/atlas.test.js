import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, clamped, gridFor, largestZoom, neighbor, pointAt, revealing, WHOLE, zoomedAt } from "../src/core/atlas/view.js";

const SIZE = { width: 400, height: 200 };

test("atlas: the whole map fits into the smaller side, and cells have their place", () => {
  assert.deepEqual(pointAt(WHOLE, SIZE, 200, 100), { x: 0.5, y: 0.5 });
  assert.deepEqual(pointAt(WHOLE, SIZE, 100, 0), { x: 0, y: 0 });
  assert.deepEqual(boxOf(WHOLE, SIZE, 4, 1, 3), { left: 250, top: 50, right: 300, bottom: 100 });
});

test("atlas: magnifying keeps the point under the pointer", () => {
  const before = pointAt(WHOLE, SIZE, 250, 60);
  const view = zoomedAt(WHOLE, SIZE, 4, 250, 60, 100);
  const after = pointAt(view, SIZE, 250, 60);
  assert.equal(view.zoom, 4);
  assert.ok(Math.hypot(before.x - after.x, before.y - after.y) < 1e-9);
});

test("atlas: a view ends at the edges of the map and at the limits of magnification", () => {
  assert.deepEqual(clamped({ x: 9, y: -3, zoom: 0.1 }, SIZE, 8), WHOLE);
  assert.deepEqual(clamped({ x: 0, y: 1, zoom: 4 }, SIZE, 8), { x: 0.25, y: 0.875, zoom: 4 });
  assert.equal(clamped({ x: 0.5, y: 0.5, zoom: 99 }, SIZE, 8).zoom, 8);
  assert.equal(largestZoom([10, 20], SIZE), (192 * 20) / 200);
});

test("atlas: finer grids appear when their cells are large enough", () => {
  assert.equal(gridFor([5, 10, 20], 200), 5);
  assert.equal(gridFor([5, 10, 20], 400), 10);
  assert.equal(gridFor([5, 10, 20], 800), 20);
  assert.equal(gridFor([20, 40], 100), 20);
});

test("atlas: the cursor goes to the next cell ahead, past gaps, and stays at the edge", () => {
  const places = Int32Array.from([0, 0, 0, 3, 1, 1, 5, 0]);
  assert.equal(neighbor(places, 0, 0, 1), 1);
  assert.equal(neighbor(places, 0, 1, 0), 2);
  assert.equal(neighbor(places, 2, 1, 0), 3);
  assert.equal(neighbor(places, 0, -1, 0), 0);
});

test("atlas: a cell outside the view is moved into it by the shortest way", () => {
  const view = clamped({ x: 0, y: 0, zoom: 4 }, SIZE, 8);
  const moved = revealing(view, SIZE, 4, 0, 3, 8);
  const box = boxOf(moved, SIZE, 4, 0, 3);
  assert.ok(Math.abs(box.right - SIZE.width) < 1e-9);
  assert.deepEqual(revealing(view, SIZE, 4, 0, 0, 8), view);
});
