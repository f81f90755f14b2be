import assert from "node:assert/strict";
import test from "node:test";
import { layOutGraph, shapeOf, shortNames } from "../src/core/layout/network_graph.js";

test("boxes leave out what their place in the diagram says", () => {
  assert.deepEqual(shortNames(["mixed3a", "mixed3a_5x5_reduce", "mixed3b"]), ["mixed3a", "5x5_reduce", "mixed3b"]);
  assert.deepEqual(shortNames(["conv2d", "conv2d_1", "conv2d_1_relu"]), ["conv2d", "conv2d_1", "relu"]);
  assert.deepEqual(shortNames(["a/conv", "b/conv", "b/relu"]), ["a/conv", "b/conv", "relu"]);
});

test("shapes name channels where the size is unknown", () => {
  assert.equal(shapeOf(["a", "conv", "14 × 14", 8]), "14 × 14 × 8");
  assert.equal(shapeOf(["a", "dense", "", 1]), "1 channel");
});

test("layers follow what they read", () => {
  const { boxes, lines } = layOutGraph([["a", "conv", "", 1], ["b", "conv", "", 1], ["c", "add", "", 1]], [[-1, 0], [0, 1], [0, 2], [1, 2]]);
  assert.ok(boxes[0].y < boxes[1].y && boxes[1].y < boxes[2].y);
  assert.equal(lines.length, 4);
});
