import { CANVAS_TRAITS, createCanvasView } from "./views/canvas/canvas_view.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/segmented.css";
import "./styles/base/run_controls.css";
import "./styles/canvas/canvas.css";
import "./styles/canvas/filmstrip.css";
import "./styles/player/player.css";
import "./styles/player/export_menu.css";

/** A stream of frames with run controls, progress and metrics. Front end of `OptimizationCanvas` in Python. */
export default defineWidget({ traits: CANVAS_TRAITS, view: (context) => createCanvasView(context) });
