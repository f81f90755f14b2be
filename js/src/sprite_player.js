import { createSpriteView, SPRITE_TRAITS } from "./views/player/sprite_view.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/segmented.css";
import "./styles/base/run_controls.css";
import "./styles/canvas/canvas.css";
import "./styles/player/player.css";
import "./styles/player/export_menu.css";

/** An animation player that works with and without a kernel. Front end of `SpritePlayer` in Python. */
export default defineWidget({ traits: SPRITE_TRAITS, streaming: false, view: createSpriteView });
