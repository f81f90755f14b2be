import { createCellImages } from "./views/grid/cell_images.js";
import { GRID_TRAITS, createGridView } from "./views/grid/grid_view.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/group.css";
import "./styles/base/segmented.css";
import "./styles/base/run_controls.css";
import "./styles/canvas/canvas.css";
import "./styles/model/layers.css";
import "./styles/model/network_map.css";
import "./styles/model/class_list.css";
import "./styles/workbench/workbench.css";
import "./styles/evidence/evidence.css";
import "./styles/grid/grid.css";
import "./styles/grid/real_cells.css";
import "./styles/grid/stored.css";

/** Feature images of all channels of a layer. Front end of `FeatureGrid` in Python. */
export default defineWidget({ traits: GRID_TRAITS, view: createGridView, cellImages: createCellImages });
