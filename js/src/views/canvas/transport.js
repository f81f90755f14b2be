import { outdated } from "../../core/run/made_by.js";
import { transport } from "../../core/run/status.js";
import { text } from "../../core/text/common.js";
import { createButton } from "../controls/button.js";
import { h, setText, setUsable } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * Run controls: one button for Run, Pause and Resume, then Step, Stop and Reset.
 * @param {import("../../widget.js").Context} context
 */
export function createTransport(context) {
  const { session } = context;
  /** @type {"run" | "pause" | "resume"} */
  let wanted = "run";
  /** @type {Set<string>} commands without a reply yet, which further clicks do not repeat */
  const underWay = new Set();

  /** @param {string} name @param {object} [args] */
  async function perform(name, args) {
    if (underWay.has(name)) return;
    underWay.add(name);
    refresh();
    await session.perform(name, args);
    underWay.delete(name);
    refresh();
  }

  const primary = createButton(context, {
    name: "primary",
    label: text.buttons.run,
    tip: text.tips.run,
    glyph: "run",
    look: "lucidw-primary",
    press: () => perform(wanted),
  });
  /** @param {"step" | "stop" | "reset"} name @param {object} [args] */
  const plain = (name, args) =>
    createButton(context, {
      name,
      label: text.buttons[name],
      tip: text.tips[name],
      glyph: name,
      press: () => perform(name, args),
    });
  const step = plain("step", { n: 1 });
  const stop = plain("stop");
  const reset = plain("reset");
  const el = h("div", { class: "lucidw-transport" }, primary.el, step.el, stop.el, reset.el);

  function refresh() {
    for (const [name, button] of /** @type {const} */ ([[wanted, primary], ["step", step], ["stop", stop], ["reset", reset]])) {
      button.el.setAttribute("aria-busy", String(underWay.has(name)));
    }
  }

  return {
    el,
    toggle: () => perform(wanted),
    step: () => step.el.click(),

    /** @param {WidgetState} state */
    update(state) {
      const now = transport(state.status, state.current_step);
      if (now.primary !== wanted || primary.el.dataset.command === undefined) {
        wanted = now.primary;
        primary.el.dataset.command = wanted;
        primary.el.title = text.tips[wanted];
        primary.el.querySelector("svg")?.replaceWith(icon(wanted));
      }
      const again = now.label === text.runAgain && outdated(state._frame_meta?.made_by, state) === "";
      setText(primary.caption, now.label === text.runAgain && !again ? text.buttons.run : now.label);
      setUsable(step.el, now.step);
      setUsable(stop.el, now.stop);
      setUsable(reset.el, now.reset);
      refresh();
    },
  };
}
