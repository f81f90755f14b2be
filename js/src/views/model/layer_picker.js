import { formatCount } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { createField } from "../controls/field.js";
import { createLayerBrowser } from "./layer_browser.js";
import { h, setText } from "../base/dom.js";

/**
 * The layer of a single channel: the network's layers, and a select in their place where the widget is narrow.
 * @param {import("../../widget.js").Context} context
 */
export function createLayers(context) {
  const { on } = context;
  const browser = createLayerBrowser(context, { name: "layers", search: "layer-search", choose });
  const select = h("select", { class: "lucidw-input lucidw-select", "aria-label": text.layer, "data-lucidw": "layer-select" });
  const custom = h("option", { value: "", disabled: true, hidden: true });
  const note = h("p", { class: "lucidw-custom", "data-lucidw": "custom", hidden: true });
  const field = createField(context, { name: "layer", control: browser.el, show: mark, pause: 0 });
  browser.el.insertBefore(note, browser.el.children[1] ?? null);
  const el = h("div", { class: "lucidw-layers" }, h("div", { class: "lucidw-heading" }, text.layer), browser.el, select, field.problem);

  /** @type {import("../../core/objective/layer_search.js").Layer[]} */
  let layers = [];
  let chosen = "";
  /** Python's choice, which `chosen` differs from while an edit is under way. */
  let known = "";

  function rebuild() {
    browser.show(layers);
    select.replaceChildren(
      custom,
      ...layers.map((layer) =>
        h("option", { value: layer.name }, layer.channels === null ? layer.name : `${layer.name} · ${formatCount(layer.channels)}`),
      ),
    );
  }

  /** @param {string | undefined} edited */
  function mark(edited) {
    const name = edited ?? known;
    if (name === chosen) return;
    chosen = name;
    // Neither an expression of several terms nor a tensor that is no layer has a row.
    const listed = browser.mark(chosen);
    note.hidden = custom.hidden = listed;
    setText(note, chosen || text.customExpression);
    setText(custom, chosen || text.customExpression);
    custom.value = listed ? "" : chosen;
    select.value = chosen;
  }

  /** @param {string} name */
  function choose(name) {
    if (name === (field.edit.state.value ?? known)) return;
    field.edit.set(name, { now: true });
  }

  on(select, "change", () => choose(select.value));

  return {
    el,

    /** @param {Record<string, any>} state */
    update(state) {
      const fresh = state.layers !== layers;
      if (fresh) {
        layers = state.layers ?? [];
        rebuild();
      }
      known = state.layer ?? "";
      if (fresh) chosen = "\0"; // no layer's name: the rows are new, and one of them is to be marked
      mark(field.current(known));
    },
  };
}
