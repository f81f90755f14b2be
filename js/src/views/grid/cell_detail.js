import { formatFigure, formatObjective } from "../../core/text/format.js";
import { gridText } from "../../core/text/grid.js";
import { FAILED, MADE, WAITING } from "./cell_images.js";
import { createClassPanel } from "../model/class_panel.js";
import { createButton } from "../controls/button.js";
import { createSimilarCells } from "./similar_cells.js";
import { h, setText } from "../base/dom.js";

/**
 * Enlarged view of one cell: the one under the pointer, or else the highlighted one. It keeps its space next to the grid if
 * there is none, so that the layout stays stable.
 *
 * @param {import("../../widget.js").Context} context
 * @param {(place: number) => void} openPlace
 * @param {import("./real_cells.js").RealCells} realCells
 * @param {(layer: string, unit: number) => void} goTo shows another unit
 */
export function createCellDetail(context, openPlace, realCells, goTo) {
  const cellImages = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (context.session.cellImages);
  const canvas = h("canvas", { class: "lucidw-feature-detail-image", width: 1, height: 1, role: "img", "data-lucidw": "detail" });
  const name = h("strong", { class: "lucidw-feature-detail-name" });
  const where = h("code", { class: "lucidw-feature-detail-where" });
  const value = h("output", { class: "lucidw-objective" });
  const note = h("p", { class: "lucidw-feature-detail-note" });
  const open = createButton(context, { name: "open", label: gridText.open, tip: gridText.openTip, press: () => openPlace(place) });
  const turn = createButton(context, { name: "turn", label: gridText.turn(true), tip: gridText.turnTip, press: () => realCells.turn(unit) });
  const facts = h("dl", { class: "lucidw-feature-facts", "data-lucidw": "figures" });
  const fact = h("div", { class: "lucidw-headline" }, h("span", {}, gridText.objective), value);
  const words = h("div", { class: "lucidw-feature-detail-words" }, name, where, fact, note, facts, h("div", { class: "lucidw-feature-actions" }, open.el, turn.el));
  const classes = createClassPanel(context);
  const similar = createSimilarCells(context, goTo);
  const el = h("div", { class: "lucidw-feature-detail" }, h("div", { class: "lucidw-feature-detail-frame" }, canvas), words, similar.el, classes.el);
  let place = -1;
  let unit = -1;
  /** @type {unknown} */
  let drawn = null;

  /** @param {unknown} key the drawing is up to date while it is the same @param {ImageBitmap | null} bitmap */
  function paint(key, bitmap) {
    const side = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    if (drawn === key && canvas.width === side) return;
    drawn = key;
    canvas.width = canvas.height = side;
    if (!bitmap) return;
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(bitmap, 0, 0, side, side);
  }

  /** What real images say about the channel. @param {Record<string, any>} figures */
  function rows(figures) {
    return gridText.figures.flatMap(([name, words]) => {
      const figure = formatFigure(figures[name]?.[unit]);
      const best = name === "selectivity" ? figures.best?.[unit] : "";
      if (!figure) return [];
      return [h("div", {}, h("dt", {}, words), h("dd", {}, figure)), ...(best ? [h("div", {}, h("dt", {}, gridText.selectiveFor), h("dd", { title: best }, best))] : [])];
    });
  }

  /** @type {unknown[]} */
  let listed = [];

  return {
    el,

    /** @param {WidgetState} state @param {number} looked place of the cell; -1 for none */
    show(state, looked) {
      place = looked;
      const there = looked >= 0 && looked < (state.units?.length ?? 0);
      el.classList.toggle("lucidw-none", !there);
      if (!there) {
        place = -1;
        classes.show(state, null);
        similar.show(state, -1);
        return paint(undefined, null);
      }
      unit = /** @type {number} */ (state.units[looked]);
      const label = state.labels?.[unit] ?? "";
      const cell = cellImages.cell(looked);
      const cellState = cell?.state ?? WAITING;
      setText(name, label || gridText.name(state.kind, unit, ""));
      setText(where, gridText.of(state.layer, unit));
      const turned = realCells.shows(unit);
      turn.el.hidden = !realCells.offered;
      open.el.hidden = state._store?.opens === false;
      similar.show(state, cellState === MADE ? unit : -1);
      setText(turn.caption, gridText.turn(!realCells.wants(unit)));
      if (listed[0] !== state._figures || listed[1] !== unit) facts.replaceChildren(...rows(state._figures ?? {}));
      listed = [state._figures, unit];
      canvas.setAttribute("aria-label", [gridText.name(state.kind, unit, label), turned ? gridText.realSide : ""].filter(Boolean).join(", "));
      setText(value, formatObjective(cellState === MADE ? cell?.value : null));
      value.classList.toggle("lucidw-none", cellState !== MADE);
      const said = cellState === FAILED ? (cell?.failure ?? "") : /** @type {string} */ (gridText.stateTitles[cellState]);
      setText(note, turned ? "" : said);
      note.classList.toggle("lucidw-failed", cellState === FAILED && !turned);
      classes.show(state, cellState === MADE ? { key: [state._board, looked], moving: false, follows: false, when: () => "" } : null);
      const real = turned ? realCells.bitmap(unit, 3) : null;
      paint(turned ? real : cell, turned ? real : (cell?.bitmap ?? null));
    },
  };
}
