import { createListeners } from "../../core/wire/listeners.js";
import { largest, mapOf, unpack, valuesAt } from "../../core/explorer/packed.js";
import { toBytes } from "../../core/wire/bytes.js";

/** @typedef {ReturnType<typeof createLook>} Look */
/** @typedef {import("../../core/explorer/places.js").Places} Places */

/**
 * What the user looks at in one view of the widget: a position under the pointer or the keyboard focus, and a channel or group
 * whose map is shown. Everything that hovering needs is derived here from data that the page has.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createLook({ session, signal }) {
  const listeners = createListeners();
  /** @type {Record<string, {source: unknown, value: import("../../core/explorer/packed.js").Packed | null}>} */
  const unpacked = {};
  /** @type {[number, number] | null} */
  let hovered = null;
  let focused = false;
  /** @type {number | null} */
  let unit = null;

  /** Unpacks a trait once. @param {"_activations" | "_why_values" | "_group_maps"} name @param {any} meta */
  function packed(name, meta) {
    const source = session.get(name);
    const known = unpacked[name];
    if (known?.value && known.source === source) return known.value;
    const value = unpack(meta, toBytes(source));
    unpacked[name] = { source, value };
    return value;
  }

  return {
    subscribe: (/** @type {() => void} */ listener) => listeners.subscribe(listener, signal),

    /** @param {[number, number] | null} position under the pointer */
    hover(position) {
      if (String(position) === String(hovered)) return;
      hovered = position;
      listeners.notify();
    },

    /** @param {boolean} value whether the image has the keyboard focus */
    focus(value) {
      if (value === focused) return;
      focused = value;
      listeners.notify();
    },

    /** @param {number | null} next the channel or group whose map is shown */
    show(next) {
      if (next === unit) return;
      unit = next;
      listeners.notify();
    },

    get unit() {
      return unit;
    },

    /** The position under the pointer, or the one of the keyboard; null if the user looks elsewhere. */
    aimed: (/** @type {WidgetState} */ state) => hovered ?? (focused ? state.position : null),

    /** The position to show. */
    position: (/** @type {WidgetState} */ state) => hovered ?? state.position ?? [0, 0],

    /** @param {WidgetState} state @returns {Places | null} null while unknown or of an earlier layer */
    places: (state) => (state._places?.layer === state.layer ? state._places : null),

    activations: (/** @type {WidgetState} */ state) => packed("_activations", state._activations_meta),

    /** The attribution, if it belongs to what is asked now. @param {WidgetState} state */
    why(state) {
      const { _why: why, layer, method, _explained: explained } = state;
      if (!why?.layer || why.layer !== layer || why.method !== method || String(why.classes) !== String(explained)) return null;
      return packed("_why_values", why);
    },

    /** @param {WidgetState} state */
    groupMaps: (state) => (state._found_groups?.layer === state.layer ? packed("_group_maps", state._found_groups) : null),

    /**
     * The channels to show for a position: the chosen ones, or those that fire most.
     * @param {WidgetState} state @param {number[]} position @param {number} most
     */
    strongest(state, position, most) {
      const found = state._activations_meta?.layer === state.layer ? packed("_activations", state._activations_meta) : null;
      if (!found) return null;
      const values = valuesAt(found, position);
      if (state.units) return state.units.slice(0, most).map((/** @type {number} */ each) => ({ unit: each, value: values[each] ?? 0 }));
      return largest(values, most);
    },

    mapOf,
  };
}
