import { formatCount, formatObjective } from "../../core/text/format.js";
import { playerText } from "../../core/text/player.js";
import { createErrorCard } from "../controls/error_card.js";
import { createPlayerControls } from "./player_controls.js";
import { createPlayerImage } from "./player_image.js";
import { createScrubber } from "./scrubber.js";
import { h, setText } from "../base/dom.js";

/**
 * Optional notes on the frames: lists with one entry per frame.
 * @typedef {{labels?: string[], steps?: (number | null)[], seeds?: (number | null)[], objectives?: (number | null)[], cells?: {columns: number, names: string[]}}} Notes
 */

/**
 * Image, scrubber and controls of an animation, independent of where its frames come from.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./player_state.js").PlayerState} options.playerState
 * @param {import("./playback_clock.js").PlaybackClock} options.playback
 * @param {Promise<import("./sprite_frames.js").SpriteFrames>} options.sprites
 * @param {() => number} options.count
 * @param {() => Notes} options.notes
 * @param {() => string} options.title
 * @param {import("../../widget.js").View | null} [options.exporter]
 * @param {boolean} [options.alone] whether the widget consists of the player alone, so that its keys work wherever the focus is
 */
export function createPlayer(context, { playerState, playback, sprites: loading, count, notes, title, exporter = null, alone = false }) {
  const { root, on, signal } = context;
  const imageView = createPlayerImage(context, { playerState, playback, what: title });
  const failed = createErrorCard(context, { title: playerText.unreadable });
  const wait = h("p", { class: "lucidw-player-wait" }, playerText.loading);
  const label = h("span", { class: "lucidw-caption-label" });
  const facts = h("span", { class: "lucidw-caption-facts" });
  const caption = h("div", { class: "lucidw-player-caption", "data-lucidw": "caption", hidden: true }, label, facts);
  const scrubber = createScrubber(context, { playerState, playback, count, describe });
  const controls = createPlayerControls(context, { playerState, playback, count });
  const heading = h("p", { class: "lucidw-player-title", "data-lucidw": "title", hidden: true });
  const area = h("div", { class: "lucidw-player-area" }, heading, failed.el, imageView.el, wait, caption, scrubber.el);
  const tools = h("div", { class: "lucidw-player-tools" }, controls.zoom, ...(exporter ? [exporter.el] : []));
  const row = h("div", { class: "lucidw-player-row" }, controls.transport, tools);
  const foot = h("div", { class: "lucidw-player-foot" }, row, controls.settings);
  const el = h("div", { class: "lucidw-player" }, area, foot);

  /** @param {number} frame */
  function factsOf(frame) {
    const { steps, seeds, objectives } = notes();
    const [step, seed, value] = [steps?.[frame], seeds?.[frame], objectives?.[frame]];
    return [
      ...(step === null || step === undefined ? [] : [playerText.step(formatCount(step))]),
      ...(seed === null || seed === undefined ? [] : [playerText.seed(String(seed))]),
      ...(value === null || value === undefined ? [] : [playerText.objective(formatObjective(value))]),
    ];
  }

  /** @param {number} frame */
  function describe(frame) {
    const name = notes().labels?.[frame];
    return playerText.frameLabel(frame + 1, count(), [...(name ? [name] : []), ...factsOf(frame)]);
  }

  function update() {
    const { frame } = playback.moment;
    const known = notes();
    const name = alone ? title() : "";
    heading.hidden = !name;
    setText(heading, name);
    caption.hidden = !(known.labels || known.steps || known.seeds || known.objectives);
    setText(label, known.labels?.[frame] ?? "");
    setText(facts, factsOf(frame).join(" · "));
    imageView.update();
    scrubber.update();
    controls.update();
    el.dataset.playing = String(Boolean(playerState.get("playing")));
  }

  playback.subscribe(update, signal);
  loading.then(
    (sprites) => {
      if (signal.aborted) return;
      wait.hidden = true;
      imageView.load(sprites);
      addCells(imageView.el, notes().cells);
      update();
    },
    (error) => {
      if (signal.aborted) return;
      wait.hidden = true;
      failed.show({ title: playerText.unreadable, message: String(error?.message ?? error), hint: playerText.unreadableHint });
    },
  );

  // Listens on its own element, so that its keys take precedence over those of an enclosing widget.
  on(alone ? root : el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    // Controls that use these keys keep them. The scrubber's arrow keys do the same as the player's.
    if (target.closest("input:not([type=range]), select, textarea, pre, .lucidw-player-image-box[tabindex='0']")) return;
    const keys = { " ": () => playback.toggle(), ArrowLeft: () => playback.step(-1), ArrowRight: () => playback.step(1), Home: () => playback.seek(0), End: () => playback.seek(count() - 1) };
    const action = keys[/** @type {keyof typeof keys} */ (event.key)];
    if (!action || (event.key === " " && (event.repeat || target.closest("button, a, summary")))) return;
    event.preventDefault();
    action();
  });

  return {
    el,
    update,
    canvas: imageView.canvas,
  };
}

/**
 * Adds the names of the animations of a grid, each over its cell.
 * @param {HTMLElement} view @param {Notes["cells"]} cells
 */
function addCells(view, cells) {
  if (!cells?.names.length) return;
  const rows = Math.ceil(cells.names.length / cells.columns);
  const names = cells.names.map((name, index) => {
    const el = h("span", { class: "lucidw-cell-name" }, name);
    el.style.left = `${(100 * (index % cells.columns)) / cells.columns}%`;
    el.style.top = `${(100 * Math.floor(index / cells.columns)) / rows}%`;
    el.style.maxWidth = `${100 / cells.columns}%`;
    return el;
  });
  view.querySelector(".lucidw-image")?.append(...names);
}
