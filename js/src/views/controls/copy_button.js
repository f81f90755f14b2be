import { text } from "../../core/text/common.js";
import { createButton } from "./button.js";
import { setText } from "../base/dom.js";

/** Time in ms for which the button shows "Copied". */
const COPIED_FOR = 1500;

/**
 * A button that copies text to the clipboard.
 *
 * @param {import("../../widget.js").Context} context
 * @param {Omit<Parameters<typeof createButton>[1], "press">} options
 * @param {() => string} copied the text
 * @param {() => void} select selects the text on the page, for hosts that block the clipboard
 */
export function createCopyButton(context, options, copied, select) {
  const button = createButton(context, { ...options, press });
  let timer = 0;

  async function press() {
    try {
      await navigator.clipboard.writeText(copied());
      setText(button.caption, text.copied);
    } catch {
      select();
      setText(button.caption, text.copyFailed);
    }
    clearTimeout(timer);
    timer = window.setTimeout(() => setText(button.caption, options.label), COPIED_FOR);
  }
  context.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return button;
}
