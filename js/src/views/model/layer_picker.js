import { formatCount } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { createField } from "../controls/field.js";
import { createLayerBrowser } from "./layer_browser.js";
import { h, setText } from "../base/dom.js";

/**
 * The layer of a single channel: a list of the network's layers, or a drop-down list if the widget is narrow.
 * @param {import("../../widget.js").Context} context
 */
export function createLayerPicker(context) {
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
  /** Python's value. `chosen` differs from it while an edit is pending. */
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
    // An expression of several terms has no row, and neither has a tensor that is not a layer.
    const listed = browser.mark(chosen);
    note.hidden = custom.hidden = listed;
    setText(note, chosen || text.customObjective);
    setText(custom, chosen || text.customObjective);
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

    /** @param {WidgetState} state */
    update(state) {
      const fresh = state.layers !== layers;
      if (fresh) {
        layers = state.layers ?? [];
        rebuild();
      }
      known = state.layer ?? "";
      if (fresh) chosen = "\0"; // not a layer name: forces a mark on the new rows
      mark(field.current(known));
    },
  };
}
