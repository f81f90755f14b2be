import { gridText } from "../../core/text/grid.js";
import { createButton } from "../controls/button.js";
import { createField } from "../controls/field.js";
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
  const kinds = Object.keys(gridText.kinds).map((kind) =>
    h("button", { type: "button", class: "lucidw-feature-kind", "data-kind": kind, title: /** @type {string} */ (gridText.kindTips[kind]) }, /** @type {string} */ (gridText.kinds[kind])),
  );
  const kind = h("div", { class: "lucidw-feature-kinds", role: "group", "aria-label": gridText.kind, "data-lucidw": "kind" }, ...kinds);
  const field = createField(context, { name: "kind", control: kind, show: mark, pause: 0 });
  const smaller = createButton(context, { name: "smaller", label: gridText.smaller, tip: gridText.smaller, glyph: "minus", look: "lucidw-square", bare: true, press: () => resize(-1) });
  const larger = createButton(context, { name: "larger", label: gridText.larger, tip: gridText.larger, glyph: "plus", look: "lucidw-square", bare: true, press: () => resize(1) });
  const el = h("div", { class: "lucidw-feature-tools" }, input, kind, h("div", { class: "lucidw-feature-sizes" }, smaller.el, larger.el), field.problem);
  let known = "channel";

  /** @param {string | undefined} edited */
  function mark(edited = known) {
    for (const button of kinds) button.setAttribute("aria-pressed", String(button.dataset.kind === edited));
  }

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
  on(kind, "click", (event) => {
    const chosen = /** @type {HTMLElement} */ (event.target).closest("[data-kind]")?.getAttribute("data-kind");
    if (chosen && chosen !== (field.edit.state.value ?? known)) field.edit.set(chosen, { now: true });
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
      known = state.kind;
      mark(field.current(known));
      input.title = gridText.findTip(Boolean(state.labels?.length));
      setUsable(smaller.el, !board.smallest);
      setUsable(larger.el, !board.largest);
    },
  };
}
