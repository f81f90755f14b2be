import { CANVAS_TRAITS, createCanvasView } from "./views/canvas_view.js";
import { defineWidget } from "./widget.js";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/run.css";
import "./styles/canvas.css";
import "./styles/film.css";
import "./styles/player.css";

/** Shows any stream of frames: picture, progress, transport and numbers. The twin of `optimization_canvas.py`. */
export default defineWidget({ traits: CANVAS_TRAITS, view: (context) => createCanvasView(context) });
