import { createNetworkGraph, GRAPH_TRAITS } from "./views/network/network_graph.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/segmented.css";
import "./styles/network/graph.css";

/** A network as a diagram. Front end of `NetworkGraph` in Python. */
export default defineWidget({ traits: GRAPH_TRAITS, streaming: false, view: createNetworkGraph });
