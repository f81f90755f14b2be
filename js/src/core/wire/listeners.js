/** A set of listeners, each of which ends with an AbortSignal. */
export function createListeners() {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  return {
    /** @param {() => void} listener @param {AbortSignal} signal */
    subscribe(listener, signal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener));
    },

    /** Calls all listeners. A listener may end others. */
    notify() {
      for (const listener of [...listeners]) listener();
    },

    size: () => listeners.size,
    clear: () => listeners.clear(),
  };
}
