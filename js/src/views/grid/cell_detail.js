import { formatObjective } from "../../core/text/format.js";
import { text } from "../../core/text/grid.js";
import { FAILED, MADE, WAITING } from "./cell_images.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";

/**
 * One cell, large: the one under the pointer, or else the highlighted one. It has its place beside the grid whether or not
 * there is one, so that nothing moves.
 *
 * @param {import("../../widget.js").Context} context
 * @param {(place: number) => void} openPlace
 */
export function createCellDetail(context, openPlace) {
  const atlas = /** @type {NonNullable<import("../../session.js").Session["atlas"]>} */ (context.session.atlas);
  const canvas = h("canvas", { class: "lucidw-feature-detail-picture", width: 1, height: 1, role: "img", "data-lucidw": "detail" });
  const name = h("strong", { class: "lucidw-feature-detail-name" });
  const where = h("code", { class: "lucidw-feature-detail-where" });
  const value = h("output", { class: "lucidw-objective" });
  const note = h("p", { class: "lucidw-feature-detail-note" });
  const open = createButton(context, { name: "open", label: text.open, tip: text.openTip, press: () => openPlace(place) });
  const fact = h("div", { class: "lucidw-headline" }, h("span", {}, text.objective), value);
  const words = h("div", { class: "lucidw-feature-detail-words" }, name, where, fact, note, open.el);
  const el = h("div", { class: "lucidw-feature-detail" }, h("div", { class: "lucidw-feature-detail-frame" }, canvas), words);
  let place = -1;
  /** @type {unknown} */
  let drawn = null;

  /** @param {import("./cell_images.js").Cell | undefined} cell */
  function paint(cell) {
    const side = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    if (drawn === cell && canvas.width === side) return;
    drawn = cell;
    canvas.width = canvas.height = side;
    if (!cell?.bitmap) return;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.imageSmoothingQuality = "high";
    pen.drawImage(cell.bitmap, 0, 0, side, side);
  }

  return {
    el,

    /** @param {Record<string, any>} state @param {number} looked the place; -1 for none */
    show(state, looked) {
      place = looked;
      const there = looked >= 0 && looked < (state.units?.length ?? 0);
      el.classList.toggle("lucidw-none", !there);
      if (!there) {
        place = -1;
        return paint(undefined);
      }
      const unit = state.units[looked];
      const label = state.labels?.[unit] ?? "";
      const cell = atlas.cell(looked);
      const stage = cell?.state ?? WAITING;
      setText(name, label || text.name(state.kind, unit, ""));
      setText(where, text.of(state.layer, unit));
      canvas.setAttribute("aria-label", text.name(state.kind, unit, label));
      setText(value, formatObjective(stage === MADE ? cell?.value : null));
      value.classList.toggle("lucidw-none", stage !== MADE);
      const said = stage === FAILED ? (cell?.failure ?? "") : /** @type {string} */ (text.stateTitles[stage]);
      setText(note, said);
      note.classList.toggle("lucidw-failed", stage === FAILED);
      paint(cell);
    },
  };
}
