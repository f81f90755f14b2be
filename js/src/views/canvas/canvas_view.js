import { createDrawnNumbers } from "../../core/run/drawn_numbers.js";
import { announcement } from "../../core/run/status.js";
import { playerText } from "../../core/text/player.js";
import { createExportMenu } from "../player/export_menu.js";
import { createRunPlayer } from "./run_player.js";
import { createFilmstrip } from "./filmstrip.js";
import { createRunNumbers } from "./run_numbers.js";
import { createProgress } from "./progress.js";
import { createSaveButton } from "./save_button.js";
import { createCanvasArea } from "./canvas_area.js";
import { createStatusPill } from "./status_pill.js";
import { createTransport } from "./transport.js";
import { addShortcuts } from "../base/keys.js";
import { h, isUsable, setText, setUsable } from "../base/dom.js";

/** Traits that every widget with a canvas has. @type {(keyof OptimizationCanvasTraits)[]} */
export const CANVAS_TRAITS = [
  "status",
  "current_step",
  "total_steps",
  "objective_value",
  "rate",
  "remaining",
  "history",
  "error",
  "_frame_bytes",
  "_frame_meta",
  "_filmstrip",
  "_filmstrip_sheet",
  "title",
  "pixelated",
];

/**
 * The canvas with all run controls. Other views can be added around it: `header` between title and status, `left` and
 * `right` of the image, `center` next to the image, `over` on it, `below` under the filmstrip; `title` replaces the title.
 * `exports` are further formats of the Export dialog, which need no image.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{title?: import("../../widget.js").View, header?: import("../../widget.js").View[], left?: import("../../widget.js").View[], right?: import("../../widget.js").View[], center?: import("../../widget.js").View[], below?: import("../../widget.js").View[], over?: import("../../widget.js").View[], exports?: Record<string, () => Promise<import("../player/export_files.js").FileToSave[]>>}} [parts]
 */
export function createCanvasView(context, { title: ownTitle, header = [], left = [], right = [], center = [], below = [], over = [], exports = {} } = {}) {
  const title = h("strong", { class: "lucidw-title" });
  const pill = createStatusPill();
  const canvasArea = createCanvasArea(context);
  const numbers = createRunNumbers(context);
  const transport = createTransport(context);
  const progress = createProgress();
  const runPlayer = createRunPlayer(context, canvasArea);
  const filmstrip = createFilmstrip(context, canvasArea.imageView, () => runPlayer.open("run"));
  const save = createSaveButton(context);
  canvasArea.imageView.badge.before(...over.map((view) => view.el));
  canvasArea.el.append(...center.map((view) => view.el), ...save.extras);
  const exporter = createExportMenu(context, {
    name: () => context.session.get("title") || "animation",
    options: () => ({ what: "run", fps: 12, mode: "loop" }),
    extent: () => {
      const { canvas, meta } = context.session.sharedCanvas;
      return meta ? { count: 0, width: canvas.width, height: canvas.height } : { count: 0, width: 0, height: 0 };
    },
    heading: playerText.exportRun,
    tip: playerText.exportRunTip,
    extra: { image: save.save, ...exports },
    has: (format) => format in exports || isUsable(save.el),
    freezes: true,
  });

  // In the order in which a narrow widget stacks them. The style sheet moves the sides next to the image if they fit.
  const leftSide = left.length ? [h("div", { class: "lucidw-side lucidw-left" }, ...left.map((view) => view.el))] : [];
  const rightSide = h("div", { class: "lucidw-side lucidw-right" }, numbers.el, ...right.map((view) => view.el));
  const el = h(
    "div",
    { class: left.length ? "lucidw-layout lucidw-workbench" : "lucidw-layout" },
    h("div", { class: "lucidw-header" }, ownTitle?.el ?? title, ...header.map((view) => view.el), pill.el),
    canvasArea.el,
    h(
      "div",
      { class: "lucidw-footer" },
      h("div", { class: "lucidw-controls" }, transport.el, progress.el, exporter.el),
      filmstrip.el,
      h("div", { class: "lucidw-export-panels" }, ...exporter.panels),
      ...below.map((view) => view.el),
    ),
    ...leftSide,
    rightSide,
  );
  addShortcuts(context, {
    " ": transport.toggle,
    ".": transport.step,
    n: transport.newSeed,
    s: () => isUsable(save.el) && save.save(),
  });
  const drawnNumbers = createDrawnNumbers();
  const views = [canvasArea, pill, transport, filmstrip, runPlayer, save, exporter, ...header, ...left, ...center, ...right, ...below, ...over];
  /** @type {{status: string, step: number, total: number} | null} */
  let before = null;

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const name = state.model_name || state.title || "";
      setText(title, name);
      title.title = name;
      title.hidden = !name;
      ownTitle?.update?.(state);
      const drawn = drawnNumbers(state, context.session.sharedCanvas.meta);
      numbers.update(drawn);
      progress.update(drawn);
      for (const view of views) view.update?.(state, runPlayer.playing ? null : canvasArea.imageView.shown);
      setUsable(exporter.el, isUsable(save.el) || Object.keys(exports).length > 0);
      const now = { status: state.status, step: state.current_step, total: state.total_steps };
      const sentence = before && announcement(before, now);
      if (sentence) context.announce(sentence);
      before = now;
    },
  };
}
