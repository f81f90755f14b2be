import { createExplorerView, EXPLORER_TRAITS } from "./views/explorer/explorer_view.js";
import { createCellImages } from "./views/grid/cell_images.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/segmented.css";
import "./styles/base/run_controls.css";
import "./styles/canvas/canvas.css";
import "./styles/workbench/dialogs.css";
import "./styles/explorer/explorer.css";
import "./styles/explorer/image_panel.css";
import "./styles/explorer/bars.css";
import "./styles/explorer/explorer_views.css";

/** What a network sees in an image. Front end of `ImageExplorer` in Python, and of its parts. */
export default defineWidget({ traits: EXPLORER_TRAITS, view: createExplorerView, cellImages: createCellImages });
