import { workbenchText } from "../../core/text/workbench.js";
import { createDialog } from "../controls/dialog.js";
import { h } from "../base/dom.js";

/**
 * The list of keyboard shortcuts.
 * @param {import("../../widget.js").Context} context
 */
export function createShortcutsDialog(context) {
  const rows = workbenchText.shortcuts.map(([keys, what]) =>
    h("tr", {}, h("th", { scope: "row" }, ...keys.map((key) => h("kbd", {}, key))), h("td", {}, what)),
  );
  const table = h("table", { class: "lucidw-shortcuts", tabindex: "0", "data-lucidw": "shortcuts" }, h("tbody", {}, ...rows));
  const dialog = createDialog(context, { name: "shortcuts-dialog", title: workbenchText.shortcutsTitle, body: [table] });
  return { open: () => dialog.open(table) };
}
