import player from "./sprite_player.js";
import { createPlayerState } from "./views/player/player_state.js";

/**
 * The player in a stand-alone page, without a notebook or network access. The page holds the widget's state as JSON, with
 * the sprite sheets in base64.
 */
const { sprite_frames: spriteFrames, sheets, notes, ...state } = JSON.parse(document.getElementById("animation")?.textContent ?? "{}");
const decode = (/** @type {string} */ text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const playerState = createPlayerState({ ...state, _sprite_frames: spriteFrames, _sheets: sheets.map(decode), _notes: notes });

/** @type {Map<(...args: any[]) => void, AbortController>} */
const heard = new Map();
const model = {
  offline: true,
  widget_manager: { kernel: null },
  get: playerState.get,
  set: (/** @type {string} */ name, /** @type {any} */ value) => {
    if (playerState.get(name) !== value) playerState.set({ [name]: value });
  },
  save_changes() {},
  send() {},
  on(/** @type {string} */ event, /** @type {() => void} */ listener) {
    if (!event.startsWith("change:")) return;
    const abort = new AbortController();
    heard.set(listener, abort);
    playerState.subscribe(listener, abort.signal);
  },
  off(/** @type {string} */ _, /** @type {() => void} */ listener) {
    heard.get(listener)?.abort();
  },
};
const widget = player();
widget.initialize({ model });
widget.render({ model, el: document.body });
