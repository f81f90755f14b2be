import { gridText } from "../../core/text/grid.js";
import { createCheck } from "../controls/check.js";
import { createChoice } from "../controls/choice.js";
import { createRadioRow } from "../controls/radio_row.js";
import { createIndexProgress } from "../evidence/index_progress.js";
import { h } from "../base/dom.js";

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
  const el = h("div", { class: "lucidw-feature-real" }, row, sort.problem, progress.el);

  return {
    el,

    /** @param {WidgetState} state */
    show(state) {
      el.hidden = !realCells.offered;
      sides.show(realCells.all ? "real" : "visualization");
      sort.show(state.sort_by);
      dead.show(state.hide_dead);
      progress.show(state._evidence_build ?? {}, true);
    },
  };
}
