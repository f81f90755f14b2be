import { toBytes } from "../../core/wire/bytes.js";
import { exportByPython } from "../../core/wire/python_export.js";
import { text } from "../../core/text/player.js";
import { createButton } from "../controls/button.js";
import { createDeck } from "../player/playback_clock.js";
import { createExport } from "../player/export_menu.js";
import { createPlayer } from "../player/player.js";
import { createReel } from "../player/sprite_frames.js";
import { createPlainStore } from "../player/plain_store.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

const words = text.film;

/** How long the kernel may take before the small pictures, which are here already, are played instead. */
const PATIENCE = 4000;

/** @typedef {"run" | "batch"} Kind */
/** @typedef {{reel: import("../player/sprite_frames.js").Reel, notes: import("../player/player.js").Notes, small?: boolean}} Film */

/**
 * Plays in the picture's place: the run so far, whose frames Python packs into one sheet, or the images of a batch, which
 * are on the page already. The run goes on behind it.
 *
 * @param {import("../../widget.js").Context} context
 * @param {ReturnType<typeof import("./canvas_area.js").createStage>} stage
 */
export function createFilmPlayer(context, stage) {
  const { session } = context;
  const view = /** @type {HTMLElement} */ (stage.picture.el.parentElement);
  const kind = h("strong", { class: "lucidw-film-kind" });
  const hint = h("span", { class: "lucidw-film-hint" });
  const back = createButton(context, { name: "back", label: words.back, tip: words.backTip, glyph: "close", press: close });
  const place = h("div", { class: "lucidw-film-place" });
  const el = h("div", { class: "lucidw-film-player", "data-lucidw": "film-player", hidden: true }, h("div", { class: "lucidw-film-head" }, kind, hint, back.el), place);
  view.after(el);
  const batch = h("button", { type: "button", class: "lucidw-pixels", "data-lucidw": "play-batch", title: words.playBatchTip, "aria-label": words.playBatch, hidden: true });
  batch.append(icon("run"));
  stage.picture.badge.prepend(batch);
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
      id: (part) => context.id(`film-${part}`),
    };
    // Who asked their system for less motion starts it themselves.
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const settings = what === "run" ? { fps: 12, mode: "loop" } : { fps: 4, mode: "alternate" };
    const store = createPlainStore({ frame: 0, playing: false, crossfade: false, zoom: 0, pixelated: Boolean(session.get("pixelated")), ...settings });
    /** @type {Film | null} */
    let film = null;
    const count = () => film?.reel.meta.count ?? 1;
    const deck = createDeck({ store, count, signal });
    const loading = (what === "run" ? wholeRun(session, signal) : ofBatch(session, signal)).then(async (loaded) => {
      await loaded.reel.ready;
      film = loaded;
      setText(hint, loaded.small ? words.small : "");
      if (!still) deck.play();
      return loaded.reel;
    });
    const title = () => (what === "run" ? words.run : words.batch);
    const exporter = createExport(inner, {
      name: () => session.get("title") || "animation",
      options: () => ({ what, fps: store.get("fps"), mode: store.get("mode") }),
      local: async () => ({ reel: await loading, frame: deck.moment.frame }),
    });
    const player = createPlayer(inner, { store, deck, reel: loading, count, notes: () => film?.notes ?? {}, title, exporter });
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
  }
  context.signal.addEventListener("abort", () => opened?.abort(), { once: true });

  return {
    el,
    open,

    update() {
      const { meta } = session.surface;
      batch.hidden = !meta || imagesIn(meta) < 2;
      // A reset takes the frames away.
      if (opened && !meta) close();
    },
  };
}

/** @param {import("../../core/wire/stream.js").FrameMeta} meta */
function imagesIn({ rows, columns, count }) {
  return count ?? rows * columns;
}

/**
 * The images of the batch that is on the surface, as it is now.
 * @param {import("../../session.js").Session} session @param {AbortSignal} signal
 * @returns {Promise<Film>}
 */
async function ofBatch(session, signal) {
  const { canvas, meta } = session.surface;
  if (!meta) throw new Error(text.noFrames);
  const count = imagesIn(meta);
  const size = { width: canvas.width / meta.columns, height: canvas.height / meta.rows };
  const about = { ...size, count, mime: "", sheets: [{ first: 0, count, columns: meta.columns, bytes: 0 }] };
  return { reel: createReel(about, [canvas], signal), notes: {} };
}

/**
 * The run so far: large from Python, or small from the filmstrip where Python does not answer.
 * @param {import("../../session.js").Session} session @param {AbortSignal} signal
 * @returns {Promise<Film>}
 */
async function wholeRun(session, signal) {
  if (!session.hasKernel) return smallRun(session, signal);
  const abort = new AbortController();
  signal.addEventListener("abort", () => abort.abort(), { signal: abort.signal });
  let answered = false;
  const large = exportByPython({
    command: session.command,
    clock: session.clock,
    args: { format: "reel", what: "run" },
    onProgress: () => (answered = true),
    signal: abort.signal,
  }).then((files) => {
    const [about, ...sheets] = files;
    const { reel, notes } = JSON.parse(new TextDecoder().decode(about?.data));
    return { reel: createReel(reel, sheets.map(({ data }) => data), signal), notes };
  });
  /** @type {unknown} */
  let timer;
  const small = new Promise((resolve) => {
    timer = session.clock.start(() => resolve(answered ? null : smallRun(session, signal)), PATIENCE);
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
 * @returns {Film}
 */
function smallRun(session, signal) {
  const { steps, objectives, width, height } = session.get("film") ?? {};
  if (!steps?.length) throw new Error(text.noFrames);
  const count = steps.length;
  const meta = { count, width, height, mime: "image/webp", sheets: [{ first: 0, count, columns: count, bytes: 0 }] };
  return { reel: createReel(meta, [toBytes(session.get("film_sheet"))], signal), notes: { steps, objectives }, small: true };
}
