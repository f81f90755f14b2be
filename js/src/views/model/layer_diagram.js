import { graphText } from "../../core/text/graph.js";
import { createGraphPicture } from "../network/graph_picture.js";
import { createRadioRow } from "../controls/radio_row.js";
import { h, setText } from "../base/dom.js";

/** @typedef {{layers: import("../../core/layout/network_graph.js").GraphLayer[], links: number[][], inside: Record<string, number>}} Diagram */

/**
 * The diagram of the network, in place of the list of its layers. Python computes it when it is first opened.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{choose: (layer: string) => void, onView: (diagram: boolean) => void}} options
 */
export function createLayerDiagram(context, { choose, onView }) {
  const { session, signal } = context;
  const picture = createGraphPicture(context, { name: "layer-diagram", choose });
  const message = h("p", { class: "lucidw-no-results", role: "status" });
  const el = h("div", { class: "lucidw-layer-diagram", hidden: true }, picture.el, message, picture.zooms);
  const views = createRadioRow(context, {
    name: "layer-view",
    label: graphText.view,
    choices: { list: graphText.viewList, diagram: graphText.viewDiagram },
    tips: { list: graphText.viewListTip, diagram: graphText.viewDiagramTip },
    choose: (value) => {
      el.hidden = value !== "diagram";
      onView(!el.hidden);
      if (!el.hidden) load();
    },
  });
  views.show("list");

  /** @type {Diagram | null} */
  let diagram = null;
  let chosen = "";
  let asked = 0;

  async function load() {
    if (diagram) return;
    const question = (asked += 1);
    picture.el.hidden = true;
    setText(message, graphText.loading);
    message.hidden = false;
    /** @type {Diagram | null} */
    const found = await session.command("diagram").then(
      (answer) => answer?.value ?? null,
      () => null,
    );
    if (question !== asked || signal.aborted) return;
    if (!found) return setText(message, graphText.failed);
    diagram = found;
    message.hidden = true;
    picture.el.hidden = false;
    picture.show(found.layers, found.links);
    mark(chosen);
  }

  /** @param {string} layer */
  function mark(layer) {
    chosen = layer;
    if (!diagram) return;
    const index = diagram.layers.findIndex(([name]) => name === layer);
    picture.mark(index >= 0 ? index : (diagram.inside[layer] ?? -1), { scroll: true });
  }

  return {
    el,
    views: views.el,
    mark,

    /** Forgets the diagram, because the network has changed. */
    reset() {
      diagram = null;
      asked += 1;
      if (!el.hidden) load();
    },
  };
}
