import { ACTIVE } from "../../core/wire/stream.js";
import { formatRoughly } from "../../core/text/format.js";
import { gridText } from "../../core/text/grid.js";
import { createButton } from "../controls/button.js";
import { h, isUsable, setText, setUsable } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * Render controls: one button for Render, Pause and Resume, and Cancel.
 * @param {import("../../widget.js").Context} context
 */
export function createGridTransport(context) {
  const { session } = context;
  /** @type {"run" | "pause" | "resume"} */
  let wanted = "run";
  let busy = false;
  let shown = "";

  /** @param {string} name */
  async function perform(name) {
    if (busy) return;
    busy = true;
    await session.perform(name);
    busy = false;
  }

  const primary = createButton(context, { name: "primary", label: gridText.buttons.run, tip: gridText.tips.run, glyph: "run", look: "lucidw-primary", press: () => perform(wanted) });
  const stop = createButton(context, { name: "stop", label: gridText.buttons.stop, tip: gridText.tips.stop, glyph: "stop", press: () => perform("stop") });

  const el = h("div", { class: "lucidw-transport" }, primary.el, stop.el);

  return {
    el,

    toggle() {
      if (isUsable(primary.el)) perform(wanted);
    },

    /** @param {WidgetState} state @param {number} failed number of cells whose image failed */
    show({ status, made, units, _estimate: estimate }, failed) {
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
      primary.el.title = gridText.tips[words === "rest" ? "run" : words];
      const asks = next === "resume" && estimate?.images > 0;
      el.toggleAttribute("data-asks", asks);
      setText(primary.caption, asks ? gridText.renderAll(estimate.images, formatRoughly(estimate.seconds)) : gridText.buttons[words]);
      setUsable(primary.el, next !== "run" || missing || again);
      setUsable(stop.el, active || status === "paused");
    },
  };
}
