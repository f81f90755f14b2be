import { announcement } from "../../core/run/status.js";
import { text } from "../../core/text/player.js";
import { createExport } from "../player/export_menu.js";
import { createFilmPlayer } from "./run_player.js";
import { createFilmstrip } from "./filmstrip.js";
import { createNumbers } from "./run_numbers.js";
import { createProgress } from "./progress.js";
import { createSave } from "./save_button.js";
import { createStage } from "./canvas_area.js";
import { createStatusPill } from "./status_pill.js";
import { createTransport } from "./transport.js";
import { addShortcuts } from "../base/keys.js";
import { h, isUsable, setText } from "../base/dom.js";

/** Traits that every widget with a canvas has. */
export const CANVAS_TRAITS = [
  "status",
  "step",
  "total_steps",
  "objective_value",
  "rate",
  "remaining",
  "history",
  "error",
  "frame",
  "frame_meta",
  "film",
  "film_sheet",
  "title",
  "pixelated",
];

/**
 * The canvas with everything that belongs to a run. Other views are put in around it: `header` between the title and
 * the status, `left` and `right` beside the picture, `stage` in its place, `below` under the filmstrip.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{header?: import("../../widget.js").View[], left?: import("../../widget.js").View[], right?: import("../../widget.js").View[], stage?: import("../../widget.js").View[], below?: import("../../widget.js").View[]}} [parts]
 */
export function createCanvasView(context, { header = [], left = [], right = [], stage: beside = [], below = [] } = {}) {
  const title = h("strong", { class: "lucidw-title" });
  const pill = createStatusPill();
  const stage = createStage(context);
  const numbers = createNumbers();
  const transport = createTransport(context);
  const progress = createProgress();
  const filmPlayer = createFilmPlayer(context, stage);
  const film = createFilmstrip(context, stage.picture, () => filmPlayer.open("run"));
  const save = createSave(context);
  stage.el.append(...beside.map((view) => view.el), ...save.extras);
  const exporter = createExport(context, {
    name: () => context.session.get("title") || "animation",
    options: () => ({ what: "run", fps: 12, mode: "loop" }),
    heading: text.exportRun,
    extra: ["picture"],
    onExtra: () => save.save(),
    glyph: "film",
  });

  // In the order in which a narrow widget stacks them; the style sheet puts the sides beside the picture where they fit.
  const leftSide = left.length ? [h("div", { class: "lucidw-side lucidw-left" }, ...left.map((view) => view.el))] : [];
  const rightSide = h("div", { class: "lucidw-side lucidw-right" }, numbers.el, ...right.map((view) => view.el));
  const el = h(
    "div",
    { class: left.length ? "lucidw-frame lucidw-workbench" : "lucidw-frame" },
    h("div", { class: "lucidw-header" }, title, ...header.map((view) => view.el), pill.el),
    stage.el,
    h(
      "div",
      { class: "lucidw-footer" },
      h("div", { class: "lucidw-controls" }, transport.el, progress.el, save.el, exporter.el),
      film.el,
      h("div", { class: "lucidw-export-panels" }, ...exporter.panels),
      ...below.map((view) => view.el),
    ),
    ...leftSide,
    rightSide,
  );
  addShortcuts(context, {
    " ": transport.toggle,
    ".": transport.step,
    s: () => isUsable(save.el) && save.save(),
  });
  const views = [stage, pill, numbers, transport, progress, film, filmPlayer, save, exporter, ...header, ...left, ...beside, ...right, ...below];
  /** @type {{status: string, step: number, total: number} | null} */
  let before = null;

  return {
    el,

    /** @param {Record<string, any>} state */
    update(state) {
      const name = state.model_name || state.title || "";
      setText(title, name);
      title.title = name;
      title.hidden = !name;
      for (const view of views) view.update?.(state);
      const now = { status: state.status, step: state.step, total: state.total_steps };
      const sentence = before && announcement(before, now);
      if (sentence) context.say(sentence);
      before = now;
    },
  };
}
