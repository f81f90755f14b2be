import { formatObjective } from "../../core/text/format.js";
import { gridText } from "../../core/text/grid.js";
import { FAILED, MADE, WAITING } from "./cell_images.js";
import { createClassPanel } from "../model/class_panel.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";

/**
 * Enlarged view of one cell: the one under the pointer, or else the highlighted one. It keeps its space next to the grid if
 * there is none, so that the layout stays stable.
 *
 * @param {import("../../widget.js").Context} context
 * @param {(place: number) => void} openPlace
 */
export function createCellDetail(context, openPlace) {
  const cellImages = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (context.session.cellImages);
  const canvas = h("canvas", { class: "lucidw-feature-detail-image", width: 1, height: 1, role: "img", "data-lucidw": "detail" });
  const name = h("strong", { class: "lucidw-feature-detail-name" });
  const where = h("code", { class: "lucidw-feature-detail-where" });
  const value = h("output", { class: "lucidw-objective" });
  const note = h("p", { class: "lucidw-feature-detail-note" });
  const open = createButton(context, { name: "open", label: gridText.open, tip: gridText.openTip, press: () => openPlace(place) });
  const fact = h("div", { class: "lucidw-headline" }, h("span", {}, gridText.objective), value);
  const words = h("div", { class: "lucidw-feature-detail-words" }, name, where, fact, note, open.el);
  const classes = createClassPanel(context);
  const el = h("div", { class: "lucidw-feature-detail" }, h("div", { class: "lucidw-feature-detail-frame" }, canvas), words, classes.el);
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
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(cell.bitmap, 0, 0, side, side);
  }

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
        return paint(undefined);
      }
      const unit = /** @type {number} */ (state.units[looked]);
      const label = state.labels?.[unit] ?? "";
      const cell = cellImages.cell(looked);
      const cellState = cell?.state ?? WAITING;
      setText(name, label || gridText.name(state.kind, unit, ""));
      setText(where, gridText.of(state.layer, unit));
      canvas.setAttribute("aria-label", gridText.name(state.kind, unit, label));
      setText(value, formatObjective(cellState === MADE ? cell?.value : null));
      value.classList.toggle("lucidw-none", cellState !== MADE);
      const said = cellState === FAILED ? (cell?.failure ?? "") : /** @type {string} */ (gridText.stateTitles[cellState]);
      setText(note, said);
      note.classList.toggle("lucidw-failed", cellState === FAILED);
      classes.show(state, cellState === MADE ? { key: [state._board, looked], moving: false, follows: false, when: () => "" } : null);
      paint(cell);
    },
  };
}
