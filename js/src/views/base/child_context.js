/**
 * A context for a part of a view that may be removed before the view. `end` removes the part's listeners.
 * @param {import("../../widget.js").Context} context
 * @returns {{context: import("../../widget.js").Context, end: () => void}}
 */
export function createChildContext(context) {
  const abort = new AbortController();
  const { signal } = abort;
  context.signal.addEventListener("abort", () => abort.abort(), { once: true, signal });
  const inner = {
    ...context,
    signal,
    /** @type {import("../../widget.js").Context["on"]} */
    on: (target, type, listener, options) => target.addEventListener(type, listener, { ...options, signal }),
  };
  return { context: inner, end: () => abort.abort() };
}
