import { formatCount, formatObjective } from "../../core/text/format.js";
import { text } from "../../core/text/player.js";
import { createErrorCard } from "../controls/error_card.js";
import { createPlayerControls } from "./player_controls.js";
import { createPlayerPicture } from "./player_image.js";
import { createScrubber } from "./scrubber.js";
import { h, setText } from "../base/dom.js";

/**
 * What is known about each frame, as lists with one entry a frame; each may be missing.
 * @typedef {{labels?: string[], steps?: (number | null)[], seeds?: (number | null)[], objectives?: (number | null)[], cells?: {columns: number, names: string[]}}} Notes
 */

/**
 * Picture, scrubber and controls of an animation, wherever its frames come from.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./plain_store.js").Store} options.store
 * @param {import("./playback_clock.js").Deck} options.deck
 * @param {Promise<import("./sprite_frames.js").Reel>} options.reel
 * @param {() => number} options.count
 * @param {() => Notes} options.notes
 * @param {() => string} options.title
 * @param {import("../../widget.js").View | null} [options.exporter]
 * @param {boolean} [options.alone] whether it is all there is in the widget, so that keys mean it wherever the focus is
 */
export function createPlayer(context, { store, deck, reel: loading, count, notes, title, exporter = null, alone = false }) {
  const { root, on, signal } = context;
  const picture = createPlayerPicture(context, { store, deck, what: title });
  const failed = createErrorCard(context, { title: text.unreadable });
  const wait = h("p", { class: "lucidw-player-wait" }, text.loading);
  const label = h("span", { class: "lucidw-caption-label" });
  const facts = h("span", { class: "lucidw-caption-facts" });
  const caption = h("div", { class: "lucidw-player-caption", "data-lucidw": "caption", hidden: true }, label, facts);
  const scrubber = createScrubber(context, { store, deck, count, describe });
  const controls = createPlayerControls(context, { store, deck, count });
  const stage = h("div", { class: "lucidw-player-stage" }, failed.el, picture.el, wait, caption, scrubber.el);
  const tools = h("div", { class: "lucidw-player-tools" }, controls.zoom, ...(exporter ? [exporter.el] : []));
  const row = h("div", { class: "lucidw-player-row" }, controls.transport, tools);
  const foot = h("div", { class: "lucidw-player-foot" }, row, controls.settings);
  const el = h("div", { class: "lucidw-player" }, stage, foot);

  /** @param {number} frame */
  function factsOf(frame) {
    const { steps, seeds, objectives } = notes();
    const [step, seed, value] = [steps?.[frame], seeds?.[frame], objectives?.[frame]];
    return [
      ...(step === null || step === undefined ? [] : [text.step(formatCount(step))]),
      ...(seed === null || seed === undefined ? [] : [text.seed(String(seed))]),
      ...(value === null || value === undefined ? [] : [text.objective(formatObjective(value))]),
    ];
  }

  /** @param {number} frame */
  function describe(frame) {
    const name = notes().labels?.[frame];
    return text.moment(frame + 1, count(), [...(name ? [name] : []), ...factsOf(frame)]);
  }

  function update() {
    const { frame } = deck.moment;
    const known = notes();
    caption.hidden = !(known.labels || known.steps || known.seeds || known.objectives);
    setText(label, known.labels?.[frame] ?? "");
    setText(facts, factsOf(frame).join(" · "));
    picture.update();
    scrubber.update();
    controls.update();
    el.dataset.playing = String(Boolean(store.get("playing")));
  }

  deck.subscribe(update, signal);
  loading.then(
    (reel) => {
      if (signal.aborted) return;
      wait.hidden = true;
      picture.load(reel);
      addCells(picture.el, notes().cells);
      update();
    },
    (error) => {
      if (signal.aborted) return;
      wait.hidden = true;
      failed.show({ title: text.unreadable, message: String(error?.message ?? error), hint: text.unreadableHint });
    },
  );

  // On itself, so that its keys come before those of a widget around it.
  on(alone ? root : el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    // What has keys of its own keeps them; the scrubber's arrows do what ours do.
    if (target.closest("input:not([type=range]), select, textarea, pre, .lucidw-player-room[tabindex='0']")) return;
    const keys = { " ": () => deck.toggle(), ArrowLeft: () => deck.step(-1), ArrowRight: () => deck.step(1), Home: () => deck.seek(0), End: () => deck.seek(count() - 1) };
    const action = keys[/** @type {keyof typeof keys} */ (event.key)];
    if (!action || (event.key === " " && (event.repeat || target.closest("button, a, summary")))) return;
    event.preventDefault();
    action();
  });

  return {
    el,
    update,
    canvas: picture.canvas,
  };
}

/**
 * The names of a grid's animations, each over its own.
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
  view.querySelector(".lucidw-picture")?.append(...names);
}
