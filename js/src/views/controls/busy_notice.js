import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * A notice that appears when Python takes long to answer.
 * @param {import("../../widget.js").Context} context
 */
export function createBusyNotice({ session }) {
  const words = h("span");
  const el = h("p", { class: "lucidw-toast", role: "status", "data-lucidw": "busy-notice", hidden: true }, icon("clock"), words);
  return {
    el,

    update() {
      const { kernelState: verdict } = session;
      el.hidden = verdict === "ok";
      el.dataset.kernelState = verdict;
      if (verdict !== "ok") setText(words, verdict === "busy" && session.isKernelBusy() ? text.busyCell : text[verdict]);
    },
  };
}
