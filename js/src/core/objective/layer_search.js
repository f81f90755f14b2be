/**
 * A layer as Python describes it. `shape` is `[height, width, channels]` for one image, with null for a variable size.
 * @typedef {{name: string, kind: string, channels: number | null, share: number | null, shape?: (number | null)[] | null,
 *   receptive_field?: number | null}} Layer
 */

/**
 * Layers that match a query, in the order of the network. Name or kind must contain every word.
 * @param {Layer[]} layers
 * @param {string} query
 * @returns {Layer[]}
 */
export function filterLayers(layers, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return layers;
  return layers.filter((layer) => {
    const haystack = `${layer.name} ${layer.kind}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/**
 * The layer that Enter in the search field selects: the one with exactly that name, or else the first match.
 * @param {Layer[]} found
 * @param {string} query
 * @returns {Layer | undefined}
 */
export function bestMatch(found, query) {
  const name = query.trim().toLowerCase();
  return found.find((layer) => layer.name.toLowerCase() === name) ?? found[0];
}

/**
 * The highlighted row after a key press.
 * @param {string} key as in KeyboardEvent.key
 * @param {number} index the highlighted row before; -1 for none
 * @param {number} count number of rows
 * @returns {number | null} null if the key does not move the highlight
 */
export function moveRow(key, index, count) {
  if (count === 0) return null;
  const last = count - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, index + 1);
    case "ArrowUp":
      return index < 0 ? last : Math.max(0, index - 1);
    case "PageDown":
      return Math.min(last, Math.max(0, index) + 10);
    case "PageUp":
      return Math.max(0, index - 10);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
