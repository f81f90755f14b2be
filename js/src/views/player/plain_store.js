/**
 * What a player remembers, wherever it is kept: in a widget's traits, or, in a page without Python, in a plain object.
 *
 * @typedef {object} Store
 * @property {(name: string) => any} get
 * @property {(values: Record<string, any>, options?: {passing?: boolean}) => void} set `passing` values will be followed
 *   by others in a moment, and need not reach Python
 * @property {(listener: () => void, signal: AbortSignal) => void} subscribe
 */

/**
 * A store for a page without Python.
 * @param {Record<string, any>} values
 * @returns {Store}
 */
export function createPlainStore(values) {
  const state = { ...values };
  /** @type {Set<() => void>} */
  const listeners = new Set();
  return {
    get: (name) => state[name],
    set(changes) {
      Object.assign(state, changes);
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener, signal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
    },
  };
}
