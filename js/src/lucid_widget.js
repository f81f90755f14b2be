import { CANVAS_TRAITS, createCanvasView } from "./views/canvas/canvas_view.js";
import { createActions } from "./views/workbench/actions.js";
import { createChannelPicker } from "./views/model/channel_picker.js";
import { createCodeDialog } from "./views/workbench/code_dialog.js";
import { createRunComparison } from "./views/workbench/run_comparison.js";
import { createExpressionInput } from "./views/objective/expression_input.js";
import { createFieldOverlay } from "./views/model/field_overlay.js";
import { createInputRange } from "./views/network/input_range.js";
import { createPhotoMap, PHOTO_TRAITS } from "./views/explorer/photo_map.js";
import { createRealImages } from "./views/evidence/real_images.js";
import { createMadeOf, INPUT_TRAITS } from "./views/evidence/made_of.js";
import { EVIDENCE_TRAITS } from "./views/evidence/evidence_body.js";
import { createNetworkLine } from "./views/network/network_line.js";
import { createNetworkMenu } from "./views/network/network_menu.js";
import { createLayerDiagram } from "./views/model/layer_diagram.js";
import { createLayerPicker } from "./views/model/layer_picker.js";
import { createObjectiveSide } from "./views/workbench/objective_side.js";
import { createRunClasses } from "./views/workbench/run_classes.js";
import { createRunHistory } from "./views/workbench/run_history.js";
import { createShortcutsDialog } from "./views/workbench/shortcuts_dialog.js";
import { addShortcuts } from "./views/base/keys.js";
import { createSettings } from "./views/workbench/settings.js";
import { TERM_TRAITS } from "./views/objective/term_list.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/group.css";
import "./styles/base/panel.css";
import "./styles/base/segmented.css";
import "./styles/base/run_controls.css";
import "./styles/canvas/canvas.css";
import "./styles/canvas/filmstrip.css";
import "./styles/player/player.css";
import "./styles/player/export_menu.css";
import "./styles/base/code.css";
import "./styles/model/layers.css";
import "./styles/model/network_map.css";
import "./styles/model/channel.css";
import "./styles/model/class_list.css";
import "./styles/network/network.css";
import "./styles/network/graph.css";
import "./styles/evidence/evidence.css";
import "./styles/explorer/image_panel.css";
import "./styles/explorer/bars.css";
import "./styles/explorer/photo.css";
import "./styles/evidence/trust.css";
import "./styles/evidence/inputs.css";
import "./styles/workbench/workbench.css";
import "./styles/workbench/settings.css";
import "./styles/workbench/start_image.css";
import "./styles/workbench/dialogs.css";
import "./styles/workbench/run_history.css";
import "./styles/objective/term_list.css";
import "./styles/objective/term_fields.css";
import "./styles/objective/term_menu.css";

/** @type {(keyof LucidWidgetTraits)[]} */
const TRAITS = [
  ...CANVAS_TRAITS,
  ...TERM_TRAITS,
  ...EVIDENCE_TRAITS,
  ...PHOTO_TRAITS,
  ...INPUT_TRAITS,
  "model_name",
  "_loading",
  "_network_problem",
  "_input_range",
  "layer",
  "channel",
  "_channel_count",
  "_class_layer",
  "_class_rows",
  "_classes",
  "show_classes",
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
  "_set_in_code",
  "_volume",
  "_start_image_about",
  "_start_image_thumbnail",
  "_undo",
  "runs",
  "_runs_sheet",
];

/** The workbench: a model, an objective and a canvas. Front end of `LucidWidget` in Python. */
export default defineWidget({
  traits: TRAITS,
  view(context) {
    const code = createCodeDialog(context);
    const compare = createRunComparison(context, { code: code.open });
    const settings = createSettings(context, compare);
    const shortcuts = createShortcutsDialog(context);
    addShortcuts(context, { "?": shortcuts.open });
    const actions = createActions(context, { code: () => code.open(), shortcuts: shortcuts.open, chooseStart: settings.chooseStart });
    const networks = createNetworkMenu(context);
    return createCanvasView(context, {
      title: networks,
      header: [createExpressionInput(context), actions],
      left: [createInputRange(context), ...createObjectiveSide(context, [createLayerPicker(context, createLayerDiagram), createChannelPicker(context)])],
      right: [createRunClasses(context), settings],
      center: [compare, createNetworkLine(context, networks)],
      over: [createFieldOverlay(context)],
      exports: { settings: actions.settingsFiles },
      below: [createPhotoMap(context), createRealImages(context), createMadeOf(context), createRunHistory(context, compare)],
    });
  },
});
