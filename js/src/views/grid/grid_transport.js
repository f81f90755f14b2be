import { ACTIVE } from "../../core/wire/stream.js";
import { text } from "../../core/text/grid.js";
import { createButton } from "../controls/button.js";
import { h, isUsable, setText, setUsable } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * Pause, Resume, or make the rest, in one place; and Cancel.
 * @param {import("../../widget.js").Context} context
 */
export function createGridTransport(context) {
  const { session } = context;
  /** @type {"run" | "pause" | "resume"} */
  let wanted = "run";
  let busy = false;
  let shown = "";

  /** @param {string} name */
  async function order(name) {
    if (busy) return;
    busy = true;
    await session.order(name);
    busy = false;
  }

  const primary = createButton(context, { name: "primary", label: text.buttons.run, tip: text.tips.run, glyph: "run", look: "lucidw-primary", press: () => order(wanted) });
  const stop = createButton(context, { name: "stop", label: text.buttons.stop, tip: text.tips.stop, glyph: "stop", press: () => order("stop") });

  return {
    el: h("div", { class: "lucidw-transport" }, primary.el, stop.el),

    toggle() {
      if (isUsable(primary.el)) order(wanted);
    },

    /** @param {Record<string, any>} state @param {number} failed cells that have no picture */
    show({ status, made, units }, failed) {
      const active = ACTIVE.has(status);
      const next = active ? "pause" : status === "paused" ? "resume" : "run";
      const missing = made < units.length;
      const again = next === "run" && !missing && failed > 0;
      const words = next !== "run" ? next : again ? "again" : missing ? (made > 0 ? "rest" : "run") : "all";
      wanted = next;
      primary.el.dataset.command = wanted;
      const glyph = words === "all" ? "check" : wanted;
      if (glyph !== shown) primary.el.querySelector("svg")?.replaceWith(icon(glyph));
      shown = glyph;
      primary.el.title = text.tips[words === "rest" ? "run" : words];
      setText(primary.caption, text.buttons[words]);
      setUsable(primary.el, next !== "run" || missing || again);
      setUsable(stop.el, active || status === "paused");
    },
  };
}
