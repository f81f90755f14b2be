import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** @type {Record<string, import("../base/icons.js").IconName>} */
const GLYPHS = {
  idle: "circle",
  queued: "clock",
  compiling: "spinner",
  running: "dot",
  paused: "pause",
  done: "check",
  stopped: "stop",
  error: "warning",
};

/**
 * Status of the run as an icon and a word, never as a color alone.
 * @returns {import("../../widget.js").View & {update: (state: WidgetState) => void}}
 */
export function createStatusPill() {
  const word = h("span");
  const el = h("span", { class: "lucidw-status", "data-lucidw": "status" }, word);
  return {
    el,
    update({ status }) {
      if (el.dataset.status === status) return;
      el.dataset.status = status;
      el.querySelector("svg")?.remove();
      el.prepend(icon(GLYPHS[status] ?? "circle"));
      setText(word, text.status[status] ?? status);
    },
  };
}
