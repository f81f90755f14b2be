import { createSpriteView, SPRITE_TRAITS } from "./views/sprite_view.js";
import { defineWidget } from "./widget.js";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/run.css";
import "./styles/canvas.css";
import "./styles/player.css";

/** Plays an animation, with a kernel or without. The twin of `sprite_player.py`. */
export default defineWidget({ traits: SPRITE_TRAITS, streaming: false, view: createSpriteView });
