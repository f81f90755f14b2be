import { formatCount } from "../../core/text/format.js";
import { stageName, stageSize } from "../../core/objective/layer_stages.js";
import { layersText } from "../../core/text/layers.js";
import { createField } from "../controls/field.js";
import { createLayerBrowser } from "./layer_browser.js";
import { createNetworkMap } from "./network_map.js";
import { h, setText, setValue } from "../base/dom.js";

/**
 * The layer of a single channel: a list of the network's layers, or a drop-down list if the widget is narrow.
 * @param {import("../../widget.js").Context} context
 * @param {typeof import("./layer_diagram.js").createLayerDiagram} [createDiagram] the diagram that can replace the list; it is
 *   passed, so that bundles without one do not contain its layout
 */
export function createLayerPicker(context, createDiagram) {
  const { on } = context;
  const browser = createLayerBrowser(context, { name: "layers", search: "layer-search", choose });
  const map = createNetworkMap(context, { choose });
  const select = h("select", { class: "lucidw-input lucidw-select", "aria-label": layersText.layer, "data-lucidw": "layer-select" });
  const custom = h("option", { value: "", disabled: true, hidden: true });
  const note = h("p", { class: "lucidw-custom", "data-lucidw": "custom", hidden: true });
  const field = createField(context, { name: "layer", control: browser.el, show: mark, pause: 0 });
  browser.el.insertBefore(note, browser.el.children[1] ?? null);
  const diagram = createDiagram?.(context, { choose, onView: (shown) => el.toggleAttribute("data-diagram", shown) });
  const heading = h("div", { class: "lucidw-heading" }, h("span", {}, layersText.layer), diagram?.views ?? "");
  const el = h("div", { class: "lucidw-layers" }, heading, map.el, browser.el, diagram?.el ?? "", select, field.problem);

  /** @type {import("../../core/objective/layer_search.js").Layer[]} */
  let layers = [];
  /** @type {import("../../core/objective/layer_stages.js").Stage[]} */
  let stages = [];
  /** @type {{stages?: import("../../core/objective/layer_stages.js").Stage[], links?: number[][]}} */
  let network = {};
  let chosen = "";
  /** Python's value. `chosen` differs from it while an edit is pending. */
  let known = "";

  function rebuild() {
    browser.show(layers, stages);
    map.show(layers, network);
    const options = layers.map((layer) =>
      h("option", { value: layer.name }, layer.channels === null ? layer.name : `${layer.name} · ${formatCount(layer.channels)}`),
    );
    const groups = stages.map((stage) => {
      const label = [stageName(stage), stage.name && stageSize(stage)].filter(Boolean).join(" · ");
      return h("optgroup", { label }, ...options.slice(stage.first, stage.first + stage.count));
    });
    select.replaceChildren(custom, ...(groups.length > 1 ? groups : options));
  }

  /** @param {string | undefined} edited */
  function mark(edited) {
    const name = edited ?? known;
    if (name === chosen) return;
    chosen = name;
    // An expression of several terms has no row, and neither has a tensor that is not a layer.
    const listed = browser.mark(chosen);
    map.mark(chosen);
    diagram?.mark(chosen);
    note.hidden = custom.hidden = listed;
    setText(note, chosen || layersText.customObjective);
    setText(custom, chosen || layersText.customObjective);
    setValue(custom, listed ? "" : chosen);
    setValue(select, chosen);
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
        network = state._stages ?? {};
        stages = network.stages ?? [];
        rebuild();
        diagram?.reset();
      }
      known = state.layer ?? "";
      if (fresh) chosen = "\0"; // not a layer name: forces a mark on the new rows
      mark(field.current(known));
    },
  };
}
