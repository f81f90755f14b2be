import { gridText } from "../../core/text/grid.js";
import { createCheck } from "../controls/check.js";
import { createChoice } from "../controls/choice.js";
import { createRadioRow } from "../controls/radio_row.js";
import { createIndexProgress } from "../evidence/index_progress.js";
import { h, setText } from "../base/dom.js";

/**
 * Controls of the real images in a grid: which side all cells show, the order of the channels, and the progress of the index.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./real_cells.js").RealCells} realCells
 */
export function createRealTools(context, realCells) {
  const sides = createRadioRow(context, {
    name: "side",
    label: gridText.side,
    choices: gridText.sides,
    tips: gridText.sideTips,
    choose: (value) => realCells.turnAll(value === "real"),
  });
  const sort = createChoice(context, { name: "sort_by", label: gridText.sort, tip: gridText.orderTip });
  sort.offer(gridText.orders);
  const dead = createCheck(context, { name: "hide_dead", label: gridText.hideDead, tip: gridText.hideDeadTip });
  const progress = createIndexProgress(context);
  const row = h("div", { class: "lucidw-feature-tools" }, sides.el, sort.el, dead.el);
  const note = h("p", { class: "lucidw-evidence-message", role: "status", "data-lucidw": "order-note" });
  const el = h("div", { class: "lucidw-feature-real" }, row, sort.problem, note, progress.el);

  /** Whether the chosen figure is unknown for all channels: selectivity needs labels. @param {WidgetState} state */
  function cannotOrder({ sort_by: by, _figures: figures }) {
    const known = figures?.[by ?? ""];
    return Array.isArray(known) && known.every((figure) => figure === null);
  }

  return {
    el,

    /** @param {WidgetState} state */
    show(state) {
      el.hidden = !realCells.offered;
      sides.show(realCells.all ? "real" : "visualization");
      sort.show(state.sort_by);
      const useless = cannotOrder(state);
      setText(note, useless ? gridText.noOrder : "");
      note.hidden = !useless;
      dead.show(state.hide_dead);
      progress.show(state._evidence_build ?? {}, true);
    },
  };
}
