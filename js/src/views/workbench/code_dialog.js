import { text } from "../../core/text/common.js";
import { bench } from "../../core/text/workbench.js";
import { createButton } from "../controls/button.js";
import { createDialog } from "../controls/dialog.js";
import { h, setText } from "../base/dom.js";

/** How long "Copied" stays on the button. */
const COPIED_FOR = 1500;

/**
 * Python that makes the picture, to read and to copy.
 * @param {import("../../widget.js").Context} context
 */
export function createCodeDialog(context) {
  const { session, signal } = context;
  const code = h("pre", { class: "lucidw-code-text", tabindex: "0", "aria-label": bench.codeTitle, "data-lucidw": "code-text" });
  const copy = createButton(context, { name: "code-copy", label: bench.copyCode, tip: bench.copyCode, glyph: "code", look: "lucidw-primary", press: toClipboard });
  const dialog = createDialog(context, { name: "code-dialog", title: bench.codeTitle, body: [code, h("div", { class: "lucidw-dialog-buttons" }, copy.el)] });
  let timer = 0;

  async function toClipboard() {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      setText(copy.caption, text.copied);
    } catch {
      // Some hosts forbid the clipboard: select what is to be copied.
      code.focus();
      getSelection()?.selectAllChildren(code);
      setText(copy.caption, text.copyFailed);
    }
    clearTimeout(timer);
    timer = window.setTimeout(() => setText(copy.caption, bench.copyCode), COPIED_FOR);
  }
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  return {
    /** @param {number | null} run of the history; null for the settings as they are */
    async open(run = null) {
      const answer = await session.order("code", run === null ? {} : { run });
      if (!answer || signal.aborted) return;
      setText(code, String(answer.value));
      dialog.open(copy.el, run === null ? bench.codeTitle : bench.codeOfRun(run));
    },
  };
}
