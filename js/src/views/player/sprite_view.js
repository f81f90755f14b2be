import { toBytes } from "../../core/wire/bytes.js";
import { playerText } from "../../core/text/player.js";
import { createPlaybackClock } from "./playback_clock.js";
import { createExportMenu } from "./export_menu.js";
import { createPlayer } from "./player.js";
import { createSpriteFrames } from "./sprite_frames.js";

/** Traits that the player reads. @type {(keyof SpritePlayerTraits)[]} */
export const SPRITE_TRAITS = ["_sprite_frames", "_sheets", "_notes", "title", "frame", "playing", "fps", "mode", "crossfade", "zoom", "pixelated"];

/** @typedef {import("../../session.js").Session} Session */
/** @type {WeakMap<Session, ReturnType<typeof share>>} the state that all views of one player on a page share */
const shared = new WeakMap();

/** @param {Session} session */
function share(session) {
  const { signal } = session;
  /** @type {import("./player_state.js").PlayerState} */
  const playerState = { get: /** @type {(name: any) => any} */ (session.get), set: session.set, subscribe: session.subscribe };
  // Users who prefer reduced motion start playback themselves.
  if (playerState.get("playing") && matchMedia("(prefers-reduced-motion: reduce)").matches) playerState.set({ playing: false });
  const count = () => Number(session.get("_sprite_frames")?.count) || 1;
  const playback = createPlaybackClock({ playerState, count, signal });
  return { playerState, count, playback, sprites: load(session) };
}

/** @param {Session} session */
async function load(session) {
  const meta = session.get("_sprite_frames");
  if (!meta?.count) throw new Error(playerText.noFrames);
  const here = /** @type {any[]} */ (session.get("_sheets") ?? []).map(toBytes);
  const data = await Promise.all(meta.sheets.map((/** @type {any} */ sheet, /** @type {number} */ index) => whole(session, here[index], sheet.bytes, index)));
  const sprites = createSpriteFrames(meta, data, session.signal);
  await sprites.ready;
  return sprites;
}

/**
 * The bytes of a sheet from the state, or requested in parts, since Colab restores widgets without binary state.
 * @param {Session} session @param {Uint8Array<ArrayBuffer> | undefined} bytes @param {number} expected @param {number} index
 */
async function whole(session, bytes, expected, index) {
  if (bytes?.length === expected) return bytes;
  const out = new Uint8Array(expected);
  for (let offset = 0; offset < expected; ) {
    const answer = await session.command("sheet", { index, offset });
    const piece = answer.buffers[0];
    if (!piece?.length) throw new Error(playerText.noFrames);
    out.set(piece, offset);
    offset += piece.length;
  }
  return out;
}

/** @param {import("../../widget.js").Context} context */
export function createSpriteView(context) {
  const { session, root } = context;
  const { playerState, playback, count, sprites } = shared.get(session) ?? shared.set(session, share(session)).get(session) ?? share(session);
  root.classList.add("lucidw-sprite");
  const title = () => String(session.get("title") || "");
  const exporter = createExportMenu(context, {
    name: () => title() || "animation",
    options: () => ({ fps: playerState.get("fps"), mode: playerState.get("mode") }),
    extent: () => ({ count: count(), width: Number(session.get("_sprite_frames")?.width) || 0, height: Number(session.get("_sprite_frames")?.height) || 0 }),
    freezes: true,
    local: async () => ({ sprites: await sprites, frame: playback.moment.frame }),
  });
  const player = createPlayer(context, { playerState, playback, sprites, count, notes: () => session.get("_notes") ?? {}, title, exporter, alone: true });
  player.el.append(...exporter.panels);
  return {
    el: player.el,
    label: () => playerText.group(title()),
    update() {
      player.update();
      exporter.update();
    },
  };
}
