import { createAtlas } from "./views/atlas.js";
import { GRID_TRAITS, createGridView } from "./views/grid_view.js";
import { defineWidget } from "./widget.js";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/run.css";
import "./styles/canvas.css";
import "./styles/layers.css";
import "./styles/workbench.css";
import "./styles/features.css";

/** All channels of a layer in small. The twin of `feature_grid.py`. */
export default defineWidget({ traits: GRID_TRAITS, view: createGridView, atlas: createAtlas });
