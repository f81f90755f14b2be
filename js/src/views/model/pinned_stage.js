import { layersText } from "../../core/text/layers.js";
import { h, setText } from "../base/dom.js";
import { pinnedStage } from "../../core/layout/visible_rows.js";

/**
 * The heading of the stage at the top of a list, which stays there while the layers of the stage scroll by. A click on it acts
 * like one on the heading. Screen readers have the heading itself.
 *
 * @param {number} rowHeight in pixels
 */
export function createPinnedStage(rowHeight) {
  const name = h("span", { class: "lucidw-name" });
  const size = h("span", { class: "lucidw-stage-size" });
  const count = h("span", { class: "lucidw-stage-count" });
  const heading = h("div", { class: "lucidw-layer lucidw-branch lucidw-pinned-stage", "aria-expanded": "true" }, name, size, count);
  const el = h("div", { class: "lucidw-pinned", "aria-hidden": "true", hidden: true }, heading);

  return {
    el,

    /** @param {import("./layer_rows.js").Row[]} rows @param {number} top scroll position of the list */
    update(rows, top) {
      const pinned = pinnedStage(rows, top, rowHeight);
      el.hidden = pinned === null;
      if (!pinned) return;
      const { label, note = "", count: layers = 0 } = /** @type {import("./layer_rows.js").Row} */ (rows[pinned.index]);
      heading.dataset.index = String(pinned.index);
      heading.style.transform = `translateY(${pinned.shift}px)`;
      setText(name, label);
      setText(size, note);
      setText(count, layersText.layersCount(layers));
    },
  };
}
