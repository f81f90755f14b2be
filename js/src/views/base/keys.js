/**
 * Keeps plain keys inside the widget: JupyterLab inserts a cell on `b` and moves on arrows even while one of our
 * buttons has the focus. Combinations with Ctrl, Meta or Alt, Tab and Shift+Enter stay the notebook's.
 *
 * @param {import("../../widget.js").Context} context
 */
export function isolateKeys({ on, root }) {
  for (const type of ["keydown", "keypress", "keyup"]) {
    on(root, type, (/** @type {KeyboardEvent} */ event) => {
      const theirs = event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab";
      if (theirs || (event.key === "Enter" && event.shiftKey)) return;
      event.stopPropagation();
      if (type === "keydown" && event.key === "Escape" && !event.defaultPrevented) leave(root);
    });
  }
}

/** Gives the focus back to what holds the widget: in JupyterLab the cell, and with it the notebook's keys. */
function leave(/** @type {HTMLElement} */ root) {
  const holder = /** @type {HTMLElement | null | undefined} */ (root.parentElement?.closest("[tabindex]"));
  if (holder) holder.focus({ preventScroll: true });
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/**
 * Single keys for what the widget does, wherever in it the focus is, unless the key means something there already.
 *
 * @param {import("../../widget.js").Context} context
 * @param {Record<string, () => void>} shortcuts by KeyboardEvent.key
 */
export function addShortcuts({ on, root }, shortcuts) {
  on(root, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === " " && target.closest("button, a, summary, [role=listbox]")) return;
    const action = shortcuts[event.key];
    if (!action || event.repeat) return;
    event.preventDefault();
    action();
  });
}
