import { explorerText } from "../../core/text/explorer.js";
import { createChildContext } from "../base/child_context.js";
import { h, setText, setUsable } from "../base/dom.js";
import { createButton } from "../controls/button.js";
import { createChannelRows } from "./channel_rows.js";

/** Channels of the position, and of each compared one. */
const SHOWN = 12;
const COMPARED = 4;
const MOST_PINS = 6;

/**
 * The channels that fire most at the position, and those of positions that the user keeps to compare.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./look.js").Look} look
 * @param {{open: (unit: number) => void, pin: (position: [number, number]) => void, unpin: (position?: number[]) => void}} actions
 */
export function createFiresView(context, look, actions) {
  const heading = h("h3", { class: "lucidw-explorer-heading" });
  const rows = createChannelRows(context, look, { name: "strongest", tone: "plain", open: actions.open });
  const silent = h("p", { class: "lucidw-explorer-note", hidden: true }, explorerText.silent);
  const compare = createButton(context, { name: "compare", label: explorerText.compare, tip: explorerText.compareTip, glyph: "plus", press: () => actions.pin(/** @type {[number, number]} */ (state.position)) });
  const pinned = h("div", { class: "lucidw-explorer-pinned", "data-lucidw": "pinned" });
  const hint = h("p", { class: "lucidw-explorer-note" }, explorerText.pinHint);
  const comparing = h("div", {}, h("div", { class: "lucidw-explorer-head" }, h("h3", { class: "lucidw-explorer-heading" }, explorerText.pinned), compare.el), hint, pinned);
  const el = h("div", { class: "lucidw-explorer-view" }, heading, rows.el, silent, comparing);
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  /** @type {Map<string, {el: HTMLElement, rows: ReturnType<typeof createChannelRows>, end: () => void}>} */
  const entries = new Map();

  /** @param {number[]} pin */
  function createEntry([row = 0, column = 0]) {
    const { context: inner, end } = createChildContext(context);
    const where = explorerText.at(row, column);
    const list = createChannelRows(inner, look, { name: `pin-${row}-${column}`, tone: "plain", open: actions.open });
    const remove = createButton(inner, { name: `unpin-${row}-${column}`, label: explorerText.unpin(where), tip: explorerText.unpin(where), glyph: "close", look: "lucidw-square", bare: true, press: () => actions.unpin([row, column]) });
    return { el: h("div", { class: "lucidw-explorer-entry" }, h("span", { class: "lucidw-explorer-where" }, where, remove.el), list.el), rows: list, end };
  }

  return {
    el,

    /** @param {WidgetState} newest @param {boolean} visible */
    show(newest, visible) {
      state = newest;
      const spatial = Boolean(look.places(state)?.spatial);
      const withImages = state._board_of === "channels" && state._activations_meta?.layer === state.layer;
      const found = look.strongest(state, look.position(state), SHOWN);
      setText(heading, state.units ? explorerText.chosen : spatial ? explorerText.strongestHere : explorerText.strongest);
      silent.hidden = !found || found.length > 0;
      if (found) rows.show(found, { withImages, visible });
      comparing.hidden = !spatial;
      const pins = spatial ? (state.pins ?? []) : [];
      setUsable(compare.el, pins.length < MOST_PINS);
      compare.el.title = pins.length < MOST_PINS ? explorerText.compareTip : explorerText.compareFull;
      hint.hidden = pins.length > 0;
      for (const [key, entry] of entries) {
        if (pins.some((/** @type {number[]} */ pin) => String(pin) === key)) continue;
        entry.end();
        entry.el.remove();
        entries.delete(key);
      }
      for (const pin of pins) {
        const key = String(pin);
        const entry = entries.get(key) ?? createEntry(pin);
        if (!entries.has(key)) {
          entries.set(key, entry);
          pinned.append(entry.el);
        }
        entry.rows.show(look.strongest(state, pin, COMPARED) ?? [], { withImages, visible });
      }
    },
  };
}
