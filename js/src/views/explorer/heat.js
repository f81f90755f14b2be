import { groupPixel, signed } from "../../core/explorer/colors.js";
import { mapOf } from "../../core/explorer/packed.js";

/** @typedef {import("./image_panel.js").Heat} Heat */

/**
 * What is drawn over the image: the map of the channel or group that the user looks at, or that of the view; null for nothing.
 * @param {WidgetState} state
 * @param {import("./look.js").Look} look
 * @param {string} view
 * @returns {Heat | null}
 */
export function heatOf(state, look, view) {
  if (view === "groups") return groupHeat(state, look);
  const packed = view === "class" ? look.why(state) : state._activations_meta?.layer === state.layer ? look.activations(state) : null;
  if (!packed) return null;
  if (look.unit !== null && look.unit < packed.channels) return single(mapOf(packed, look.unit), packed);
  if (view !== "class") return null;
  const values = state._why.values ?? [];
  const places = look.places(state);
  return values.length && places ? { values, rows: places.rows, columns: places.columns, colors: signed(largestOf(values)) } : null;
}

/** One map. @param {ArrayLike<number>} values @param {{rows: number, columns: number}} size @returns {Heat} */
export function single(values, { rows, columns }) {
  return { values, rows, columns, colors: signed(largestOf(values)) };
}

/** @param {ArrayLike<number>} values */
function largestOf(values) {
  let most = 1e-12;
  for (let index = 0; index < values.length; index += 1) most = Math.max(most, Math.abs(values[index] ?? 0));
  return most;
}

/** All groups in their colors, or the one that the user looks at. @param {WidgetState} state @param {import("./look.js").Look} look @returns {Heat | null} */
function groupHeat(state, look) {
  const packed = look.groupMaps(state);
  if (!packed) return null;
  const count = packed.channels;
  const maps = Array.from({ length: count }, (_, group) => mapOf(packed, group));
  const most = maps.map(largestOf);
  const colors = maps.map((_, group) => groupPixel(group, count));
  const chosen = look.unit;
  /** @type {[number, number, number, number][]} */
  const pixels = Array.from({ length: packed.rows * packed.columns }, (_, place) => {
    const shares = maps.map((map, group) => (chosen === null || chosen === group ? (map[place] ?? 0) / /** @type {number} */ (most[group]) : 0));
    const total = shares.reduce((sum, share) => sum + share ** 2, 1e-12);
    const mixed = [0, 1, 2].map((channel) => shares.reduce((sum, share, group) => sum + share ** 2 * (colors[group]?.[channel] ?? 0), 0) / total);
    return [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0, Math.round(170 * Math.min(1, Math.max(...shares)) ** 0.7)];
  });
  return { values: pixels.map((_, place) => place), rows: packed.rows, columns: packed.columns, colors: (place) => pixels[place] ?? [0, 0, 0, 0] };
}
