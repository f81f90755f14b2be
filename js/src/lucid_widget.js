import { CANVAS_TRAITS, createCanvasView } from "./views/canvas_view.js";
import { createChannel } from "./views/channel.js";
import { createExpression } from "./views/expression.js";
import { createLayers } from "./views/layers.js";
import { createSettings } from "./views/settings.js";
import { defineWidget } from "./widget.js";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/run.css";
import "./styles/canvas.css";
import "./styles/film.css";
import "./styles/player.css";
import "./styles/code.css";
import "./styles/layers.css";
import "./styles/channel.css";
import "./styles/workbench.css";

const TRAITS = [
  ...CANVAS_TRAITS,
  "model_name",
  "layers",
  "layer",
  "channel",
  "channel_count",
  "expression",
  "steps",
  "image_size",
  "batch",
  "seed",
];

/** A model, an objective and a canvas. The twin of `lucid_widget.py`. */
export default defineWidget({
  traits: TRAITS,
  view: (context) =>
    createCanvasView(context, {
      header: [createExpression(context)],
      left: [createLayers(context), createChannel(context)],
      right: [createSettings(context)],
    }),
});
