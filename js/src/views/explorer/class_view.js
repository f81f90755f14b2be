import { largest, valuesAt } from "../../core/explorer/packed.js";
import { explorerText } from "../../core/text/explorer.js";
import { h, setText } from "../base/dom.js";
import { createChoice } from "../controls/choice.js";
import { createChannelRows } from "./channel_rows.js";
import { createCurveCard } from "./curve_card.js";

const SHOWN = 6;

/**
 * Which channels speak for a class and which against it, for the whole image or for the position that the user looks at, and
 * how faithful the attribution is.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./look.js").Look} look
 * @param {{open: (unit: number) => void}} actions
 */
export function createClassView(context, look, { open }) {
  const method = createChoice(context, { name: "method", label: explorerText.method, tip: explorerText.method });
  method.offer(Object.entries(explorerText.methods));
  const forHeading = h("h3", { class: "lucidw-explorer-heading" });
  const againstHeading = h("h3", { class: "lucidw-explorer-heading" });
  const forRows = createChannelRows(context, look, { name: "for", tone: "for", open });
  const againstRows = createChannelRows(context, look, { name: "against", tone: "against", open });
  const noFor = h("p", { class: "lucidw-explorer-note", hidden: true }, explorerText.none);
  const noAgainst = h("p", { class: "lucidw-explorer-note", hidden: true }, explorerText.none);
  const where = h("span", { class: "lucidw-explorer-where" });
  const sides = h("div", { class: "lucidw-explorer-sides" }, h("div", {}, forHeading, forRows.el, noFor), h("div", {}, againstHeading, againstRows.el, noAgainst));
  const curve = createCurveCard();
  const el = h("div", { class: "lucidw-explorer-view" }, h("div", { class: "lucidw-explorer-head" }, where, h("label", { class: "lucidw-explorer-method" }, explorerText.method, method.el)), method.problem, sides, curve.el);

  return {
    el,

    /** @param {WidgetState} state @param {boolean} visible */
    show(state, visible) {
      method.show(state.method);
      method.el.title = explorerText.methodTips[state.method] ?? "";
      const why = look.why(state);
      const aimed = look.places(state)?.spatial ? look.aimed(state) : null;
      const [first, second] = (state._explained ?? []).map((index) => labelOf(state, index));
      setText(where, aimed ? explorerText.position(aimed[0] ?? 0, aimed[1] ?? 0) : explorerText.wholeImage);
      setText(forHeading, explorerText.for(first ?? ""));
      setText(againstHeading, second ? explorerText.for(second) : explorerText.against(first ?? ""));
      sides.toggleAttribute("data-waiting", !why);
      if (why) {
        const values = aimed ? valuesAt(why, aimed) : why.sums;
        const units = state.units?.map((/** @type {number} */ unit) => ({ unit, value: values[unit] ?? 0 }));
        const speaks = units?.filter((/** @type {any} */ row) => row.value >= 0) ?? largest(values, SHOWN);
        const speaksAgainst = units?.filter((/** @type {any} */ row) => row.value < 0) ?? largest(values, SHOWN, -1);
        const most = Math.max(...[...speaks, ...speaksAgainst].map((row) => Math.abs(row.value)), 1e-12);
        const options = { most, visible, withImages: state._board_of === "channels" && state._activations_meta?.layer === state.layer };
        forRows.show(speaks, options);
        againstRows.show(speaksAgainst, options);
        noFor.hidden = speaks.length > 0;
        noAgainst.hidden = speaksAgainst.length > 0;
      }
      const faith = state._faith;
      const current = why && faith?.layer === state.layer && faith.method === state.method && String(faith.classes) === String(state._explained);
      curve.show(current ? faith : null, first ?? "");
    },
  };
}

/** The label of a class. @param {WidgetState} state @param {number} index @returns {string} */
export function labelOf(state, index) {
  return /** @type {any} */ (state._scores?.find((/** @type {any} */ score) => score[0] === index))?.[1] ?? String(index);
}
