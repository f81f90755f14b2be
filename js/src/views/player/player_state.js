import { createListeners } from "../../core/wire/listeners.js";

/**
 * State of a player. It is stored in the traits of a widget or, in a page without Python, in a plain object.
 *
 * @typedef {object} PlayerState
 * @property {(name: string) => any} get
 * @property {(values: Record<string, any>, options?: {passing?: boolean}) => void} set `passing`: newer
 *   values follow shortly, so that these need not reach Python
 * @property {(listener: () => void, signal: AbortSignal) => void} subscribe
 */

/**
 * A player state for a page without Python.
 * @param {Record<string, any>} values
 * @returns {PlayerState}
 */
export function createPlayerState(values) {
  const state = { ...values };
  const listeners = createListeners();
  return {
    get: (name) => state[name],
    set(changes) {
      Object.assign(state, changes);
      listeners.notify();
    },
    subscribe: listeners.subscribe,
  };
}
