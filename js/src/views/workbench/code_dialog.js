import { text } from "../../core/text/common.js";
import { workbenchText } from "../../core/text/workbench.js";
import { createButton } from "../controls/button.js";
import { createDialog } from "../controls/dialog.js";
import { h, setText } from "../base/dom.js";

/** Time in ms for which the button shows "Copied". */
const COPIED_FOR = 1500;

/**
 * A dialog with Python code for the settings, to read and copy.
 * @param {import("../../widget.js").Context} context
 */
export function createCodeDialog(context) {
  const { session, signal } = context;
  const code = h("pre", { class: "lucidw-code-text", tabindex: "0", "aria-label": workbenchText.codeTitle, "data-lucidw": "code-text" });
  const copy = createButton(context, { name: "code-copy", label: workbenchText.copyCode, tip: workbenchText.copyCode, glyph: "code", look: "lucidw-primary", press: toClipboard });
  const dialog = createDialog(context, { name: "code-dialog", title: workbenchText.codeTitle, body: [code, h("div", { class: "lucidw-dialog-buttons" }, copy.el)] });
  let timer = 0;

  async function toClipboard() {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      setText(copy.caption, text.copied);
    } catch {
      // Some hosts block the clipboard: select the text instead.
      code.focus();
      getSelection()?.selectAllChildren(code);
      setText(copy.caption, text.copyFailed);
    }
    clearTimeout(timer);
    timer = window.setTimeout(() => setText(copy.caption, workbenchText.copyCode), COPIED_FOR);
  }
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  return {
    /** @param {number | null} [run] id of a run in the history; null for the image that is shown @param {string} [name] its name */
    async open(run = null, name = "") {
      const answer = await session.perform("code", run === null ? {} : { run });
      if (!answer || signal.aborted) return;
      setText(code, String(answer.value));
      dialog.open(copy.el, run === null ? workbenchText.codeTitle : workbenchText.codeOfRun(name));
    },
  };
}
