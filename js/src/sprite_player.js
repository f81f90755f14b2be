import { createSpriteView, SPRITE_TRAITS } from "./views/player/sprite_view.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/run_controls.css";
import "./styles/canvas/canvas.css";
import "./styles/player/player.css";
import "./styles/player/export_menu.css";

/** Plays an animation, with a kernel or without. The twin of `sprite_player.py`. */
export default defineWidget({ traits: SPRITE_TRAITS, streaming: false, view: createSpriteView });
