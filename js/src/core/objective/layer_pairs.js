/**
 * Pairs of layers that hold the values before and after an activation function, as Lucid names them: `mixed4a_pre_relu`
 * and `mixed4a`.
 *
 * @param {import("./layer_search.js").Layer[]} layers
 * @returns {Map<string, string>} names after the activation, by the names before it
 */
export function layerPairs(layers) {
  const names = new Set(layers.map(({ name }) => name));
  /** @type {Map<string, string>} */
  const pairs = new Map();
  for (const { name } of layers) {
    const after = name.replace(/_pre_(relu|activation)$/, "");
    if (after !== name && names.has(after)) pairs.set(name, after);
  }
  return pairs;
}
