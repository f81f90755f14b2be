import { CANVAS_TRAITS, createCanvasView } from "./views/canvas_view.js";
import { createActions } from "./views/actions.js";
import { createChannel } from "./views/channel.js";
import { createCodeDialog } from "./views/code_dialog.js";
import { createCompare } from "./views/compare.js";
import { createExpression } from "./views/expression.js";
import { createLayers } from "./views/layers.js";
import { createLeftTerms } from "./views/left_terms.js";
import { createRuns } from "./views/runs.js";
import { createSettings } from "./views/settings.js";
import { TERM_TRAITS } from "./views/terms.js";
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
import "./styles/panels.css";
import "./styles/dialogs.css";
import "./styles/runs.css";
import "./styles/terms.css";

const TRAITS = [
  ...CANVAS_TRAITS,
  ...TERM_TRAITS,
  "model_name",
  "layer",
  "channel",
  "channel_count",
  "class_layer",
  "expression",
  "steps",
  "seed",
  "image_size",
  "batch",
  "parameterization",
  "decorrelate",
  "alpha",
  "robust_to",
  "shift",
  "scale",
  "rotate",
  "optimizer",
  "learning_rate",
  "zoom",
  "shown",
  "set_in_code",
  "start_image_about",
  "start_image_small",
  "runs",
  "runs_sheet",
];

/** A model, an objective and a canvas. The twin of `lucid_widget.py`. */
export default defineWidget({
  traits: TRAITS,
  view(context) {
    const code = createCodeDialog(context);
    const compare = createCompare(context, { code: code.open });
    const settings = createSettings(context, compare);
    const actions = createActions(context, { code: () => code.open(), chooseStart: settings.chooseStart });
    return createCanvasView(context, {
      header: [createExpression(context), actions],
      left: createLeftTerms(context, [createLayers(context), createChannel(context)]),
      right: [settings],
      stage: [compare],
      below: [createRuns(context, compare)],
    });
  },
});
