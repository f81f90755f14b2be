import player from "./sprite_player.js";
import { createPlainStore } from "./views/player/plain_store.js";

/**
 * The player in a page of its own: no notebook, no network. What Python would have put into the widget's state stands in
 * the page as JSON, the sheets in base64.
 */
const { sheets, ...state } = JSON.parse(document.getElementById("animation")?.textContent ?? "{}");
const decode = (/** @type {string} */ text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const store = createPlainStore({ ...state, sheets: sheets.map(decode) });

/** @type {Map<(...args: any[]) => void, AbortController>} */
const heard = new Map();
const model = {
  offline: true,
  widget_manager: { kernel: null },
  get: store.get,
  set: (/** @type {string} */ name, /** @type {any} */ value) => {
    if (store.get(name) !== value) store.set({ [name]: value });
  },
  save_changes() {},
  send() {},
  on(/** @type {string} */ event, /** @type {() => void} */ listener) {
    if (!event.startsWith("change:")) return;
    const abort = new AbortController();
    heard.set(listener, abort);
    store.subscribe(listener, abort.signal);
  },
  off(/** @type {string} */ _, /** @type {() => void} */ listener) {
    heard.get(listener)?.abort();
  },
};
const widget = player();
widget.initialize({ model });
widget.render({ model, el: document.body });
