import { gridText } from "../../core/text/grid.js";
import { createButton } from "../controls/button.js";
import { createChoice } from "../controls/choice.js";
import { createSegmented } from "../controls/segmented.js";
import { h, setUsable } from "../base/dom.js";

/**
 * The toolbar above the cells: channel search, channel or neuron, and image size.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} actions
 * @param {() => void} actions.search called when the query changes
 * @param {() => void} actions.enter opens the first match
 * @param {() => void} actions.leave moves the focus to the cells
 * @param {(by: 1 | -1) => void} actions.resize
 */
export function createGridToolbar(context, { search, enter, leave, resize }) {
  const { on } = context;
  const input = h("input", {
    type: "search",
    class: "lucidw-input lucidw-feature-find",
    "data-lucidw": "find",
    placeholder: gridText.find,
    "aria-label": gridText.find,
    autocomplete: "off",
    spellcheck: "false",
  });
  const kind = createSegmented(context, { name: "kind", label: gridText.kind, choices: gridText.kinds, tips: gridText.kindTips });
  const variant = createChoice(context, { name: "variant", label: gridText.variant, tip: gridText.variant });
  /** @type {unknown} */
  let offered = null;
  const smaller = createButton(context, { name: "smaller", label: gridText.smaller, tip: gridText.smaller, glyph: "minus", look: "lucidw-square", bare: true, press: () => resize(-1) });
  const larger = createButton(context, { name: "larger", label: gridText.larger, tip: gridText.larger, glyph: "plus", look: "lucidw-square", bare: true, press: () => resize(1) });
  const el = h("div", { class: "lucidw-feature-tools" }, input, kind.el, variant.el, h("div", { class: "lucidw-feature-sizes" }, smaller.el, larger.el), kind.problem, variant.problem);

  on(input, "input", search);
  on(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && !event.shiftKey && input.value) {
      event.preventDefault();
      enter();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      leave();
    } else if (event.key === "Escape" && input.value) {
      event.preventDefault();
      input.value = "";
      search();
    }
  });

  return {
    el,
    smaller: () => smaller.el.click(),
    larger: () => larger.el.click(),

    get query() {
      return input.value;
    },

    clear() {
      input.value = "";
    },

    /** @param {WidgetState} state @param {{smallest: boolean, largest: boolean}} board */
    show(state, board) {
      kind.show(state.kind);
      /** @type {string[] | undefined} */
      const variants = state._store?.variants;
      kind.el.hidden = variants !== undefined;
      variant.el.hidden = !variants || variants.length < 2;
      const words = JSON.stringify(variants);
      if (words !== offered) variant.offer((variants ?? []).map((name) => [name, name]));
      offered = words;
      variant.show(state.variant);
      input.title = gridText.findTip(Boolean(state.labels?.length), Boolean(state._image_source));
      setUsable(smaller.el, !board.smallest);
      setUsable(larger.el, !board.largest);
    },
  };
}
