import { groupColor } from "../../core/explorer/colors.js";
import { valuesAt } from "../../core/explorer/packed.js";
import { explorerText } from "../../core/text/explorer.js";
import { formatObjective } from "../../core/text/format.js";
import { formatPercent } from "../../core/run/seen_classes.js";
import { h, setText, setValue } from "../base/dom.js";
import { createField } from "../controls/field.js";
import { createChannelRows } from "./channel_rows.js";
import { labelOf } from "./class_view.js";

/**
 * Channels that fire together: an image of each group in the color of its overlay, and its effect on the class.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./look.js").Look} look
 * @param {{open: (unit: number) => void}} actions
 */
export function createGroupsView(context, look, { open }) {
  const range = h("input", { type: "range", min: 2, max: 12, step: 1, "aria-label": explorerText.groupCount, title: explorerText.groupsTip, "data-lucidw": "group-count" });
  const number = h("output", { class: "lucidw-explorer-number" });
  let known = 6;
  const field = createField(context, { name: "groups", control: range, show: (edited = known) => draw(edited), pause: 250 });
  const rows = createChannelRows(context, look, { name: "groups", tone: "group", open });
  const error = h("p", { class: "lucidw-explorer-note" });
  const el = h("div", { class: "lucidw-explorer-view" }, h("label", { class: "lucidw-explorer-count" }, explorerText.groupCount, range, number), field.problem, rows.el, error);

  /** @param {number} count */
  function draw(count) {
    setValue(range, String(count));
    setText(number, String(count));
  }

  context.on(range, "input", () => field.edit.set(Number(range.value)));

  return {
    el,

    /** @param {WidgetState} state @param {boolean} visible */
    show(state, visible) {
      known = state.groups;
      draw(field.current(known));
      const found = state._found_groups?.layer === state.layer ? state._found_groups : null;
      rows.el.toggleAttribute("data-waiting", !found);
      error.hidden = !found;
      if (!found) return;
      const count = found.groups.length;
      const maps = look.groupMaps(state);
      const aimed = look.places(state)?.spatial ? look.aimed(state) : null;
      const here = maps && aimed ? valuesAt(maps, aimed) : null;
      const label = found.classes?.length ? [...found.classes.map((/** @type {number} */ index) => labelOf(state, index))].join(" − ") : "";
      rows.show(
        found.groups.map((/** @type {any} */ group, /** @type {number} */ index) => ({
          unit: index,
          value: here ? (here[index] ?? 0) : (group.effect ?? maps?.sums[index] ?? 0),
          name: explorerText.groupName(index),
          note: here || !label ? "" : explorerText.effectOn(label),
          tip: `${explorerText.groupName(index)}: ${explorerText.groupChannels(group.channels.join(", "))}. ${group.effect === null ? "" : explorerText.effect(formatObjective(group.effect), label)}`,
        })),
        { withImages: state._board_of === "groups", visible },
      );
      for (const [index, item] of [...rows.el.children].entries()) /** @type {HTMLElement} */ (item).style.setProperty("--lucidw-group", groupColor(index, count));
      setText(error, explorerText.groupError(formatPercent(found.error)));
    },
  };
}
