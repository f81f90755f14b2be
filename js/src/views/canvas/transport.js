import { outdated } from "../../core/run/made_by.js";
import { transport } from "../../core/run/status.js";
import { text } from "../../core/text/common.js";
import { createButton } from "../controls/button.js";
import { h, setText, setUsable } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** New seeds are below this number, so that they can be read and typed. */
const SEEDS = 100_000;

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
  async function newSeed() {
    if (dice.el.hidden || underWay.has("dice")) return;
    underWay.add("dice");
    refresh();
    if (await session.perform("set", { seed: Math.floor(Math.random() * SEEDS) })) await session.perform("run");
    underWay.delete("dice");
    refresh();
  }

  /** @param {"step" | "stop" | "reset"} name @param {object} [args] */
  const plain = (name, args) =>
    createButton(context, {
      name,
      label: text.buttons[name],
      tip: text.tips[name],
      glyph: name,
      press: () => perform(name, args),
    });
  const dice = createButton(context, { name: "dice", label: text.buttons.dice, tip: text.tips.dice, glyph: "dice", bare: true, press: newSeed });
  const step = plain("step", { n: 1 });
  const stop = plain("stop");
  const reset = plain("reset");
  const el = h("div", { class: "lucidw-transport" }, primary.el, dice.el, step.el, stop.el, reset.el);

  function refresh() {
    for (const [name, button] of /** @type {const} */ ([[wanted, primary], ["dice", dice], ["step", step], ["stop", stop], ["reset", reset]])) {
      button.el.setAttribute("aria-busy", String(underWay.has(name)));
    }
  }

  return {
    el,
    toggle: () => perform(wanted),
    step: () => step.el.click(),
    newSeed,

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
      dice.el.hidden = typeof session.get("seed") !== "number";
      el.dataset.active = String(now.stop);
      setUsable(step.el, now.step);
      setUsable(stop.el, now.stop);
      setUsable(reset.el, now.reset);
      refresh();
    },
  };
}
