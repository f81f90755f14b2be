import { graphText } from "../../core/text/graph.js";
import { shapeOf } from "../../core/layout/network_graph.js";
import { h, setText } from "../base/dom.js";
import { createGraphPicture } from "./graph_picture.js";

/** @typedef {import("../../core/layout/network_graph.js").GraphLayer} GraphLayer */

/** @type {(keyof WidgetState)[]} */
export const GRAPH_TRAITS = ["model_name", "selected", "_graph_layers", "_graph_links"];

/**
 * The diagram of a network, with the name of the network above and the selected layer below.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createNetworkGraph(context) {
  const { session } = context;
  const title = h("strong", { class: "lucidw-title" });
  const about = h("p", { class: "lucidw-graph-about" });
  const picture = createGraphPicture(context, {
    name: "network-graph",
    choose: (layer) => session.command("set", { selected: layer }).catch(() => {}),
  });
  const el = h("div", { class: "lucidw-graph" }, h("div", { class: "lucidw-graph-head" }, title, picture.zooms), picture.el, about);

  /** @type {GraphLayer[]} */
  let layers = [];
  /** @type {unknown} */
  let drawn = null;

  return {
    el,

    /** @param {WidgetState} state */
    label: (state) => graphText.label(state.model_name),

    /** @param {WidgetState} state */
    update(state) {
      if (drawn !== state._graph_layers) {
        drawn = state._graph_layers;
        layers = /** @type {GraphLayer[]} */ (/** @type {unknown} */ (state._graph_layers ?? []));
        setText(title, graphText.title(state.model_name, layers.length));
        picture.show(layers, state._graph_links ?? []);
      }
      const index = layers.findIndex(([name]) => name === state.selected);
      picture.mark(index, { scroll: true });
      const layer = layers[index];
      setText(about, layer ? graphText.described(layer[0], layer[1], shapeOf(layer)) : graphText.nothing);
    },
  };
}
