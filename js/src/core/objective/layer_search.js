/**
 * As in Python; `shape` is that of one image, `[height, width, channels]`, and null where a side is not fixed.
 * @typedef {{name: string, kind: string, channels: number | null, share: number, shape?: (number | null)[] | null,
 *   receptive_field?: number | null}} Layer
 */

/**
 * The layers that fit a search, in the network's order. Every word must be found in the name or the kind.
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
 * The layer that Enter in the search field means: the one of that very name, or the first that fits.
 * @param {Layer[]} found
 * @param {string} query
 * @returns {Layer | undefined}
 */
export function bestMatch(found, query) {
  const name = query.trim().toLowerCase();
  return found.find((layer) => layer.name.toLowerCase() === name) ?? found[0];
}

/**
 * Where a key takes the highlighted row.
 * @param {string} key as in KeyboardEvent.key
 * @param {number} index the row now, -1 for none
 * @param {number} count of rows
 * @returns {number | null} null: not a key that moves
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
