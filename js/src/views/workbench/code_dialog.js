import { workbenchText } from "../../core/text/workbench.js";
import { createCopyButton } from "../controls/copy_button.js";
import { createDialog } from "../controls/dialog.js";
import { h, setText } from "../base/dom.js";

/**
 * A dialog with Python code for the settings, to read and copy.
 * @param {import("../../widget.js").Context} context
 * @param {string} [title]
 */
export function createCodeDialog(context, title = workbenchText.codeTitle) {
  const { session, signal } = context;
  const code = h("pre", { class: "lucidw-code-text", tabindex: "0", "aria-label": title, "data-lucidw": "code-text" });
  const select = () => {
    code.focus();
    getSelection()?.selectAllChildren(code);
  };
  const look = { name: "code-copy", label: workbenchText.copyCode, tip: workbenchText.copyCode, look: "lucidw-primary" };
  const copy = createCopyButton(context, { ...look, glyph: "code" }, () => code.textContent ?? "", select);
  const dialog = createDialog(context, { name: "code-dialog", title, body: [code, h("div", { class: "lucidw-dialog-buttons" }, copy.el)] });

  return {
    /** @param {number | null} [run] id of a run in the history; null for the image that is shown @param {string} [name] its name */
    async open(run = null, name = "") {
      const answer = await session.perform("code", run === null ? {} : { run });
      if (!answer || signal.aborted) return;
      setText(code, String(answer.value));
      dialog.open(copy.el, run === null ? title : workbenchText.codeOfRun(name));
    },
  };
}
