import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * Says so when Python takes long to answer.
 * @param {import("../../widget.js").Context} context
 */
export function createPatience({ session }) {
  const words = h("span");
  const el = h("p", { class: "lucidw-toast", role: "status", "data-lucidw": "patience", hidden: true }, icon("clock"), words);
  return {
    el,

    update() {
      const { patience: verdict } = session;
      el.hidden = verdict === "ok";
      el.dataset.patience = verdict;
      if (verdict !== "ok") setText(words, text[verdict]);
    },
  };
}
