import { graphlib, layout } from "@dagrejs/dagre";
import { counted } from "../text/plural.js";

/** @typedef {[name: string, kind: string, size: string, channels: number]} GraphLayer */
/** @typedef {{x: number, y: number, width: number, height: number}} Box the center, and the size */

export const BOX_HEIGHT = 38;
const NARROWEST = 76;
/** Width of a character of the names, which are set in a small font. */
const CHARACTER = 6.4;
const PADDING = 18;
const IMAGE = "image";

/**
 * What a box says. Its place in the diagram tells the rest: of `block/mixed4a_5x5_reduce`, which leads to `mixed4a`, it says
 * `5x5_reduce`.
 * @param {string[]} names of all layers
 * @returns {string[]}
 */
export function shortNames(names) {
  const ends = names.map((name) => name.slice(name.lastIndexOf("/") + 1));
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (const end of ends) uses.set(end, (uses.get(end) ?? 0) + 1);
  const known = new Set(names);
  return names.map((name, index) => {
    for (let cut = name.indexOf("_"); cut > 0; cut = name.indexOf("_", cut + 1)) {
      const rest = name.slice(cut + 1);
      // Keras numbers layers of one kind: conv2d_1 is no part of conv2d.
      if (known.has(name.slice(0, cut)) && !/^([0-9]+)?(_|$)/.test(rest)) return rest;
    }
    const end = ends[index] ?? name;
    return uses.get(end) === 1 ? end : name;
  });
}

/**
 * Size and number of channels of a layer, in words.
 * @param {GraphLayer} layer
 */
export function shapeOf([, , sides, channels]) {
  if (!channels) return sides;
  return sides ? `${sides} × ${channels}` : counted(channels, "channel");
}

/**
 * Places the layers of a network from top to bottom, with branches side by side.
 *
 * @param {GraphLayer[]} layers
 * @param {number[][]} links pairs of indices of connected layers; -1 is the image
 * @returns {{width: number, height: number, names: string[], image: Box, boxes: Box[], lines: string[]}} all in pixels; `lines`
 *   are the paths of the connections
 */
export function layOutGraph(layers, links) {
  const names = shortNames(layers.map(([name]) => name));
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 14, ranksep: 22, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode(IMAGE, { width: NARROWEST, height: BOX_HEIGHT - 10 });
  layers.forEach((layer, index) => {
    const longest = Math.max(names[index]?.length ?? 0, shapeOf(layer).length);
    graph.setNode(String(index), { width: Math.max(NARROWEST, longest * CHARACTER + PADDING), height: BOX_HEIGHT });
  });
  for (const [from = -1, to = 0] of links) graph.setEdge(from < 0 ? IMAGE : String(from), String(to));
  layout(graph);
  const { width = 0, height = 0 } = /** @type {{width?: number, height?: number}} */ (graph.graph());
  const box = (/** @type {string} */ id) => /** @type {Box} */ (graph.node(id));
  const lines = graph.edges().map((edge) => smooth(/** @type {{points: {x: number, y: number}[]}} */ (graph.edge(edge)).points));
  return { width, height, names, image: box(IMAGE), boxes: names.map((_, index) => box(String(index))), lines };
}

/** A path through points, with a rounded turn at each. @param {{x: number, y: number}[]} points */
function smooth(points) {
  const [first, ...rest] = points;
  if (!first) return "";
  const at = (/** @type {{x: number, y: number}} */ { x, y }) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
  let path = `M${at(first)}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    path += next ? `Q${at(point)} ${at({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}` : `L${at(point)}`;
  });
  return path;
}
