import { counted } from "./plural.js";

/** Text of the list of layers and of the network map. */
export const layersText = {
  map: "Stages of the network, from the image to the output",
  mapTip: "Arrow keys move, Enter selects the last layer of a stage",
  mapHint: "from the image to the output",
  channelsCount: /** @param {string} count */ (count) => `${count} channels`,
  branches: /** @param {number} count */ (count) => `${count} branches`,
  residual: "adds its input to its result",

  layer: "Layer",
  searchLayers: /** @param {number} count */ (count) => `Search ${counted(count, "layer")}`,
  searchTip: "Search by name or type. Enter selects the first match, Down arrow goes to the list",
  layersTip: "Arrow keys move, Enter selects",
  layerTip: /** @param {string} name @param {string} kind @param {number | null} percent @param {string[]} more */ (name, kind, percent, more) =>
    [`${name}${kind ? `, ${kind}` : ""}${percent === null ? "" : `: takes ${percent} % of the network's computation`}`, ...more].join("\n"),
  layerSpatialSize: /** @param {string} size */ (size) => `${size} positions at the network's default input size`,
  layerReceptiveField: /** @param {string} size */ (size) => `receptive field of ${size} × ${size} pixels`,
  layersIn: /** @param {string} key @param {number} count */ (key, count) => `${key}: ${counted(count, "layer")}`,
  layersCount: /** @param {number} count */ (count) => counted(count, "layer"),
  layersUnit: " layers",
  asTree: "Group by name",
  fieldSide: /** @param {string} side */ (side) => `receptive field ${side} px`,
  layerName: "Layer",
  layerColumns: "compute · channels",
  layerColumnsTip: "The bar shows the share of the network's computation up to the layer. The number is that of its channels.",
  layerColumnsWide: "receptive field · size · compute · channels",
  pair: "Before or after the activation function",
  after: "relu",
  before: "pre",
  afterTip: "The values after the activation function",
  beforeTip: "The values before the activation function, which pull an image out of zero activations too",
  noLayers: "No matching layers",
  found: /** @param {number} count */ (count) => `${counted(count, "layer")} found`,
  customObjective: "custom objective",
  channelsUnit: " channels",
};
