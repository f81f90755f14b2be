/** @typedef {import("./layer_search.js").Layer} Layer */

/**
 * A stage as Python describes it: `count` successive layers from the index `first` on. `size` is the height and width of its
 * activations, or null where they have none or the network takes images of any size; `reduction` is how many times smaller
 * than the image they are. `layer` stands for the stage.
 * @typedef {{name: string, first: number, count: number, layer: string, channels: number | null, size: [number, number] | null,
 *   reduction: number | null, branches: number, residual: boolean}} Stage
 */

/** Key of the row of a stage. No layer has such a name. @param {number} index */
export const stageKey = (index) => `\0stage ${index}`;

/** Number of rows that are all shown at first. */
const FEW = 20;

/** The size of a stage: `14 × 14`, or `1/8` of the image, or nothing. @param {Stage} stage */
export function stageSize({ size, reduction }) {
  if (size) return `${size[0]} × ${size[1]}`;
  return reduction ? `1/${reduction}` : "";
}

/** The name of a stage, or its size if it has none. @param {Stage} stage */
export function stageName(stage) {
  return stage.name || stageSize(stage) || stage.layer;
}

/**
 * Index of the stage of a layer, or -1.
 * @param {Stage[]} stages
 * @param {Layer[]} layers
 * @param {string} name
 */
export function stageOf(stages, layers, name) {
  const index = layers.findIndex((layer) => layer.name === name);
  return stages.findIndex(({ first, count }) => index >= first && index < first + count);
}

/**
 * Keys of the stages that are open at first: all of them if everything fits without scrolling, or else none.
 * @param {Stage[]} stages
 * @param {number} rows number of rows of layers
 */
export function openAtFirst(stages, rows) {
  return new Set(rows + stages.length <= FEW ? stages.map((_, index) => stageKey(index)) : []);
}

/**
 * Rows of a list that is grouped by stage. Stages without any of the layers to show have no row.
 * @param {Stage[]} stages
 * @param {Layer[]} layers all layers
 * @param {Layer[]} shown the layers to show, in the same order
 * @param {Set<string>} open keys of the open stages
 * @returns {Array<{key: string, label: string, layer: Layer | null, level: number, place: number, of: number, count?: number,
 *   note?: string, open?: boolean}>}
 */
export function stageRows(stages, layers, shown, open) {
  const wanted = new Set(shown);
  const groups = stages
    .map((stage, index) => ({ stage, key: stageKey(index), members: layers.slice(stage.first, stage.first + stage.count).filter((layer) => wanted.has(layer)) }))
    .filter(({ members }) => members.length);
  return groups.flatMap(({ stage, key, members }, index) => {
    const [only] = members;
    // A stage of one layer, perhaps before and after its activation function, is a row without a heading.
    if (only && members.length === 1 && stage.count <= 2) return [{ key: only.name, label: only.name, layer: only, level: 1, place: index + 1, of: groups.length }];
    const note = stage.name ? stageSize(stage) : "";
    const heading = { key, label: stageName(stage), layer: null, level: 1, place: index + 1, of: groups.length, count: members.length, note, open: open.has(key) };
    const rows = members.map((layer, at) => ({ key: layer.name, label: nameInStage(stage, layer.name), layer, level: 2, place: at + 1, of: members.length }));
    return [heading, ...(heading.open ? rows : [])];
  });
}

/** The name of a layer below the heading of its stage: `block20_out` in `conv4`. @param {Stage} stage @param {string} name */
function nameInStage(stage, name) {
  const end = stage.name ? name.indexOf(stage.name) + stage.name.length : 0;
  const inner = end > 0 && name.includes(stage.name) && /^[_/.]/.test(name.slice(end)) ? name.slice(end + 1) : "";
  return inner || name;
}
