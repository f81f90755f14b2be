import { explorerText } from "../../core/text/explorer.js";
import { h, setValue } from "../base/dom.js";
import { createField } from "../controls/field.js";

/** Time in ms after which a layer that the slider passes is computed. */
const PAUSE = 90;

/**
 * A slider through the layers, from edges to objects, and a list of all layers.
 * @param {import("../../widget.js").Context} context
 */
export function createLayerSlider(context) {
  const range = h("input", { type: "range", min: 0, step: 1, "aria-label": explorerText.layer, title: explorerText.layerTip, "data-lucidw": "layer-slider" });
  const select = h("select", { class: "lucidw-input lucidw-choice", "aria-label": explorerText.layer, title: explorerText.layerTip, "data-lucidw": "layer" });
  const facts = h("span", { class: "lucidw-explorer-facts" });
  const control = h("div", { class: "lucidw-explorer-slider" }, range, h("div", { class: "lucidw-explorer-layer-line" }, select, facts));
  /** @type {string[]} */
  let stops = [];
  let offered = "";
  let known = "";
  const field = createField(context, { name: "layer", control, show: (edited = known) => draw(edited), pause: PAUSE });

  /** @param {string} layer */
  function draw(layer) {
    setValue(select, layer);
    const at = stops.indexOf(layer);
    if (at >= 0) setValue(range, String(at));
    range.setAttribute("aria-valuetext", layer);
    range.toggleAttribute("data-elsewhere", at < 0);
  }

  context.on(range, "input", () => field.edit.set(stops[Number(range.value)] ?? known));
  context.on(range, "change", () => field.edit.set(stops[Number(range.value)] ?? known, { now: true }));
  context.on(select, "change", () => field.edit.set(select.value, { now: true }));

  return {
    el: h("div", {}, control, field.problem),

    /** @param {WidgetState} state */
    show(state) {
      known = state.layer;
      const now = (state.layers ?? []).map((/** @type {any} */ layer) => layer.name).join("\n");
      if (now !== offered) {
        offered = now;
        const names = now.split("\n");
        stops = state._stops ?? [];
        range.max = String(Math.max(0, stops.length - 1));
        range.hidden = stops.length < 2;
        select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
      }
      if (![...select.options].some((option) => option.value === known)) select.append(h("option", { value: known }, known));
      draw(field.current(known));
      const places = state._places?.layer === known ? state._places : null;
      const channels = state._activations_meta?.layer === known ? state._activations_meta.channels : 0;
      facts.textContent = !places || !channels ? "" : places.spatial ? explorerText.size(places.rows, places.columns, channels) : explorerText.noPositions(channels);
    },
  };
}
