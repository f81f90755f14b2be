/**
 * Stops plain keys from reaching the notebook: JupyterLab inserts a cell on `b` and moves on arrow keys even while a button
 * of the widget has the focus. Combinations with Ctrl, Meta or Alt, Tab and Shift+Enter still reach it.
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

/** Returns the focus to the element around the widget, in JupyterLab the cell, so that the notebook's keys work again. */
function leave(/** @type {HTMLElement} */ root) {
  const holder = /** @type {HTMLElement | null | undefined} */ (root.parentElement?.closest("[tabindex]"));
  if (holder) holder.focus({ preventScroll: true });
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/**
 * Ctrl+Z and Ctrl+Shift+Z or Ctrl+Y inside the widget, with Cmd on a Mac. They never reach the notebook, which would undo an
 * edit of a cell. Text fields keep their own undo.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{undo: () => void, redo: () => void}} actions
 */
export function addUndo({ on, root }, { undo, redo }) {
  on(root, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return;
    event.stopPropagation();
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range])")) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  });
}

/**
 * Adds keyboard shortcuts that work anywhere in the widget, except in controls that use the key themselves.
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
