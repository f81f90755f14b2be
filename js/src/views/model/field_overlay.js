import { formatCount } from "../../core/text/format.js";
import { layersText } from "../../core/text/layers.js";
import { h, setText } from "../base/dom.js";

/**
 * A square on the image: the receptive field of one position of the selected layer. The style sheet shows it while the list
 * of layers is in use. Screen readers get its size from the list.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createFieldOverlay({ session }) {
  const words = h("span");
  const el = h("div", { class: "lucidw-receptive-box", "aria-hidden": "true", "data-lucidw": "receptive-field", hidden: true }, words);

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const { meta } = session.sharedCanvas;
      const side = state.layers?.find(({ name }) => name === state.layer)?.receptive_field;
      // In a batch, a square could not be at the center of each image.
      const fits = meta && side && (meta.count ?? meta.rows * meta.columns) === 1 && side < Math.min(meta.width, meta.height);
      el.hidden = !fits;
      if (!fits) return;
      el.style.width = `${(100 * side) / meta.width}%`;
      el.style.height = `${(100 * side) / meta.height}%`;
      setText(words, layersText.fieldSide(formatCount(side)));
    },
  };
}
