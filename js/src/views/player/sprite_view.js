import { toBytes } from "../../core/wire/bytes.js";
import { text } from "../../core/text/player.js";
import { createDeck } from "./playback_clock.js";
import { createExport } from "./export_menu.js";
import { createPlayer } from "./player.js";
import { createReel } from "./sprite_frames.js";

export const SPRITE_TRAITS = ["reel", "sheets", "notes", "title", "frame", "playing", "fps", "mode", "crossfade", "zoom", "pixelated"];

/** @typedef {import("../../session.js").Session} Session */
/** @type {WeakMap<Session, ReturnType<typeof share>>} what all views of one player on a page share */
const shared = new WeakMap();

/** @param {Session} session */
function share(session) {
  const { signal } = session;
  /** @type {import("./plain_store.js").Store} */
  const store = { get: session.get, set: session.set, subscribe: session.subscribe };
  // Who asked their system for less motion starts it themselves.
  if (store.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches) store.set({ playing: false });
  const count = () => Number(session.get("reel")?.count) || 1;
  const deck = createDeck({ store, count, signal });
  return { store, count, deck, reel: load(session) };
}

/** @param {Session} session */
async function load(session) {
  const meta = session.get("reel");
  if (!meta?.count) throw new Error(text.noFrames);
  const here = /** @type {any[]} */ (session.get("sheets") ?? []).map(toBytes);
  const data = await Promise.all(meta.sheets.map((/** @type {any} */ sheet, /** @type {number} */ index) => whole(session, here[index], sheet.bytes, index)));
  const reel = createReel(meta, data, session.signal);
  await reel.ready;
  return reel;
}

/**
 * A sheet's bytes from the state, or asked for in pieces: Colab opens widgets without the bytes in their state.
 * @param {Session} session @param {Uint8Array<ArrayBuffer> | undefined} bytes @param {number} expected @param {number} index
 */
async function whole(session, bytes, expected, index) {
  if (bytes?.length === expected) return bytes;
  const out = new Uint8Array(expected);
  for (let offset = 0; offset < expected; ) {
    const answer = await session.command("sheet", { index, offset });
    const piece = answer.buffers[0];
    if (!piece?.length) throw new Error(text.noFrames);
    out.set(piece, offset);
    offset += piece.length;
  }
  return out;
}

/** @param {import("../../widget.js").Context} context */
export function createSpriteView(context) {
  const { session, root } = context;
  const { store, deck, count, reel } = shared.get(session) ?? shared.set(session, share(session)).get(session) ?? share(session);
  root.classList.add("lucidw-sprite");
  const title = () => String(session.get("title") || "");
  const exporter = createExport(context, {
    name: () => title() || "animation",
    options: () => ({ fps: store.get("fps"), mode: store.get("mode") }),
    local: async () => ({ reel: await reel, frame: deck.moment.frame }),
  });
  const player = createPlayer(context, { store, deck, reel, count, notes: () => session.get("notes") ?? {}, title, exporter, alone: true });
  player.el.append(...exporter.panels);
  return {
    el: player.el,
    label: () => text.group(title()),
    update() {
      player.update();
      exporter.update();
    },
  };
}
