import { toBytes } from "../../core/wire/bytes.js";
import { exportByPython } from "../../core/wire/python_export.js";
import { playerText } from "../../core/text/player.js";
import { createButton } from "../controls/button.js";
import { createPlaybackClock } from "../player/playback_clock.js";
import { createExportMenu } from "../player/export_menu.js";
import { createPlayer } from "../player/player.js";
import { createSpriteFrames } from "../player/sprite_frames.js";
import { createPlayerState } from "../player/player_state.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

const words = playerText.runPlayer;

/** Time in ms to wait for the kernel before the thumbnails, which the page has already, are played instead. */
const KERNEL_WAIT = 4000;

/** @typedef {"run" | "batch"} Kind */
/** @typedef {{sprites: import("../player/sprite_frames.js").SpriteFrames, notes: import("../player/player.js").Notes, small?: boolean}} RunAnimation */

/**
 * A player that replaces the image. It plays the run so far, whose frames Python packs into a sprite sheet, or the images of
 * the batch, which the page has already. The run continues meanwhile.
 *
 * @param {import("../../widget.js").Context} context
 * @param {ReturnType<typeof import("./canvas_area.js").createCanvasArea>} canvasArea
 */
export function createRunPlayer(context, canvasArea) {
  const { session } = context;
  const view = /** @type {HTMLElement} */ (canvasArea.imageView.el.parentElement);
  const kind = h("strong", { class: "lucidw-run-player-kind" });
  const hint = h("span", { class: "lucidw-run-player-hint" });
  const back = createButton(context, { name: "back", label: words.back, tip: words.backTip, glyph: "close", press: close });
  const place = h("div", { class: "lucidw-run-player-body" });
  const el = h("div", { class: "lucidw-run-player", "data-lucidw": "run-player", hidden: true }, h("div", { class: "lucidw-run-player-head" }, kind, hint, back.el), place);
  view.after(el);
  const batch = h("button", { type: "button", class: "lucidw-pixels", "data-lucidw": "play-batch", title: words.playBatchTip, "aria-label": words.playBatch, hidden: true });
  batch.append(icon("run"));
  canvasArea.imageView.badge.prepend(batch);
  context.on(batch, "click", () => open("batch"));
  /** @type {AbortController | null} */
  let opened = null;
  /** @type {HTMLElement | null} */
  let cameFrom = null;

  /** @param {Kind} what */
  function open(what) {
    opened?.abort();
    const abort = (opened = new AbortController());
    const { signal } = abort;
    context.signal.addEventListener("abort", () => abort.abort(), { signal });
    if (el.hidden) cameFrom = /** @type {HTMLElement | null} */ (document.activeElement);
    /** @type {import("../../widget.js").Context} */
    const inner = {
      ...context,
      signal,
      on: (target, type, listener, options) => target.addEventListener(type, listener, { ...options, signal }),
      id: (part) => context.id(`run-player-${part}`),
    };
    // Users who prefer reduced motion start playback themselves.
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const settings = what === "run" ? { fps: 12, mode: "loop" } : { fps: 4, mode: "alternate" };
    const playerState = createPlayerState({ frame: 0, playing: false, crossfade: false, zoom: 0, pixelated: Boolean(session.get("pixelated")), ...settings });
    /** @type {RunAnimation | null} */
    let animation = null;
    const count = () => animation?.sprites.meta.count ?? 1;
    const playback = createPlaybackClock({ playerState, count, signal });
    const loading = (what === "run" ? wholeRun(session, signal) : ofBatch(session, signal)).then(async (loaded) => {
      await loaded.sprites.ready;
      animation = loaded;
      setText(hint, loaded.small ? words.small : "");
      if (!still) playback.play();
      return loaded.sprites;
    });
    const title = () => (what === "run" ? words.run : words.batch);
    const exporter = createExportMenu(inner, {
      name: () => session.get("title") || "animation",
      options: () => ({ what, fps: playerState.get("fps"), mode: playerState.get("mode") }),
      // Of small frames that the page has itself, neither number nor size are those that Python exports.
      extent: () => (animation && !animation.small ? animation.sprites.meta : { count: 0, width: 0, height: 0 }),
      local: async () => ({ sprites: await loading, frame: playback.moment.frame }),
    });
    const player = createPlayer(inner, { playerState, playback, sprites: loading, count, notes: () => animation?.notes ?? {}, title, exporter });
    player.el.append(...exporter.panels);
    session.subscribe(exporter.update, signal);
    inner.on(el, "keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      close();
    });
    setText(kind, title());
    setText(hint, what === "run" ? words.preparing : "");
    place.replaceChildren(player.el);
    view.hidden = true;
    el.hidden = false;
    session.touch();
    player.update();
    /** @type {HTMLElement} */ (player.el.querySelector('[data-lucidw="play"]')).focus({ preventScroll: true });
  }

  function close() {
    opened?.abort();
    opened = null;
    place.replaceChildren();
    el.hidden = true;
    view.hidden = false;
    if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
    session.touch();
  }
  context.signal.addEventListener("abort", () => opened?.abort(), { once: true });

  return {
    el,
    open,

    /** Whether an animation is in the place of the image. */
    get playing() {
      return opened !== null;
    },

    update() {
      const { meta } = session.sharedCanvas;
      batch.hidden = !meta || imagesIn(meta) < 2;
      // A reset removes the frames.
      if (opened && !meta) close();
    },
  };
}

/** @param {import("../../core/wire/stream.js").FrameMeta} meta */
function imagesIn({ rows, columns, count }) {
  return count ?? rows * columns;
}

/**
 * The images of the batch that is currently shown.
 * @param {import("../../session.js").Session} session @param {AbortSignal} signal
 * @returns {Promise<RunAnimation>}
 */
async function ofBatch(session, signal) {
  const { canvas, meta } = session.sharedCanvas;
  if (!meta) throw new Error(playerText.noFrames);
  const count = imagesIn(meta);
  const size = { width: canvas.width / meta.columns, height: canvas.height / meta.rows };
  const about = { ...size, count, mime: "", sheets: [{ first: 0, count, columns: meta.columns, bytes: 0 }] };
  return { sprites: createSpriteFrames(about, [canvas], signal), notes: {} };
}

/**
 * The frames of the run so far: full-size from Python, or thumbnails from the filmstrip if Python does not answer.
 * @param {import("../../session.js").Session} session @param {AbortSignal} signal
 * @returns {Promise<RunAnimation>}
 */
async function wholeRun(session, signal) {
  if (!session.hasKernel()) return smallRun(session, signal);
  const abort = new AbortController();
  signal.addEventListener("abort", () => abort.abort(), { signal: abort.signal });
  let answered = false;
  const large = exportByPython({
    command: session.command,
    clock: session.clock,
    args: { format: "sprite_frames", what: "run" },
    onProgress: () => (answered = true),
    signal: abort.signal,
  }).then((files) => {
    const [about, ...sheets] = files;
    const { sprite_frames: meta, notes } = JSON.parse(new TextDecoder().decode(about?.data));
    return { sprites: createSpriteFrames(meta, sheets.map(({ data }) => data), signal), notes };
  });
  /** @type {unknown} */
  let timer;
  const small = new Promise((resolve) => {
    timer = session.clock.start(() => resolve(answered ? null : smallRun(session, signal)), KERNEL_WAIT);
  });
  try {
    const first = await Promise.race([large, small]);
    if (first === null) return await large;
    return first;
  } finally {
    session.clock.stop(timer);
    if (!answered) abort.abort();
    large.catch(() => undefined);
  }
}

/**
 * @param {import("../../session.js").Session} session @param {AbortSignal} signal
 * @returns {RunAnimation}
 */
function smallRun(session, signal) {
  const { steps, objectives, width, height } = session.get("_filmstrip") ?? {};
  if (!steps?.length) throw new Error(playerText.noFrames);
  const count = steps.length;
  const meta = { count, width, height, mime: "image/webp", sheets: [{ first: 0, count, columns: count, bytes: 0 }] };
  return { sprites: createSpriteFrames(meta, [toBytes(session.get("_filmstrip_sheet"))], signal), notes: { steps, objectives }, small: true };
}
