import { toBytes } from "../../core/wire/bytes.js";
import { formatFigure } from "../../core/text/format.js";
import { gridText } from "../../core/text/grid.js";
import { h, setText } from "../base/dom.js";

/** Delay in ms before Python is asked, because the pointer may only pass over a cell. */
const PAUSE = 150;
/** Most answers that are kept. */
const MOST_KEPT = 300;
/** Width and height of an image in CSS pixels. */
const SIDE = 44;

/**
 * The channels whose stored images resemble that of a channel most, and the units of all layers that respond to the same real
 * images, as small buttons.
 *
 * @param {import("../../widget.js").Context} context
 * @param {(layer: string, unit: number) => void} go shows another unit
 */
export function createSimilarCells({ session, signal, on }, go) {
  /** @typedef {{layer: string, unit: number, label: string, correlation: number | null}} Alike */
  /** @typedef {{related: number[], alike: Alike[], columns: number, size: number, sheet: Uint8Array<ArrayBuffer> | null}} Answer */
  const cellImages = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (session.cellImages);
  const list = h("ul", { class: "lucidw-similar-list", "data-lucidw": "similar" });
  const similar = h("div", { class: "lucidw-similar", hidden: true }, h("p", { class: "lucidw-heading" }, gridText.similar), list);
  const alikeList = h("ul", { class: "lucidw-similar-list", "data-lucidw": "alike" });
  const alike = h("div", { class: "lucidw-similar", hidden: true }, h("p", { class: "lucidw-heading" }, gridText.alike), alikeList);
  const el = h("div", { class: "lucidw-similars" }, similar, alike);
  /** The answers of Python, by cells, channel and what the store had. @type {Map<string, Answer>} */
  const known = new Map();
  /** @type {{place: number, canvas: HTMLCanvasElement, drawn: unknown}[]} */
  let shown = [];
  let key = "";
  /** @type {unknown} */
  let timer = null;
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});

  function draw() {
    for (const one of shown) {
      const cell = cellImages.cell(one.place);
      if (!cell?.bitmap || one.drawn === cell) continue;
      one.drawn = cell;
      drawOn(one.canvas, cell.bitmap);
    }
  }

  /** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap @param {[number, number, number]} [part] left, top and size */
  function drawOn(canvas, bitmap, [left, top, size] = [0, 0, bitmap.width]) {
    const side = Math.max(1, Math.round(SIDE * devicePixelRatio));
    canvas.width = canvas.height = side;
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(bitmap, left, top, size, size, 0, 0, side, side);
  }

  /** @param {string} layer @param {number} unit @param {string} caption @param {string} name */
  function button(layer, unit, caption, name) {
    const canvas = h("canvas", { width: 1, height: 1, "aria-hidden": "true" });
    const words = h("span", { class: "lucidw-similar-name" });
    setText(words, caption);
    const el = h("button", { type: "button", class: "lucidw-similar-cell", "data-layer": layer, "data-channel": unit, "aria-label": name, title: name }, canvas, words);
    return { canvas, el: h("li", {}, el) };
  }

  /** @param {Answer | null} answer */
  function fill(answer) {
    const places = (answer?.related ?? []).map((unit) => state.units.indexOf(unit)).filter((place) => place >= 0);
    similar.hidden = places.length === 0;
    const made = places.map((place) => {
      const unit = /** @type {number} */ (state.units[place]);
      const label = state.labels?.[unit] ?? "";
      return { place, drawn: null, ...button(state.layer, unit, label || String(unit), gridText.name(state.kind, unit, label)) };
    });
    shown = made;
    list.replaceChildren(...made.map((one) => one.el));
    cellImages.show(el, places);
    draw();
    fillAlike(answer);
  }

  /** @param {Answer | null} answer */
  async function fillAlike(answer) {
    const units = answer?.alike ?? [];
    alike.hidden = units.length === 0;
    const made = units.map(({ layer, unit, label, correlation }) => {
      const name = [`${layer}:${unit}`, label].filter(Boolean).join(" ");
      return button(layer, unit, layer === state.layer ? label || String(unit) : `${layer}:${unit}`, gridText.alikeName(name, formatFigure(correlation)));
    });
    alikeList.replaceChildren(...made.map((one) => one.el));
    if (!answer?.sheet || !made.length) return;
    const { size, columns } = answer;
    try {
      const sheet = await createImageBitmap(new Blob([answer.sheet], { type: "image/jpeg" }));
      for (const [index, { canvas }] of made.entries()) drawOn(canvas, sheet, [size * (index % columns), size * Math.floor(index / columns), size]);
      sheet.close();
    } catch (error) {
      console.warn("lucid_widgets: unreadable images", error);
    }
  }

  async function ask(/** @type {string} */ asked, /** @type {number} */ unit) {
    try {
      const { value, buffers } = await session.command("about", { unit }, { quiet: true });
      if (known.size >= MOST_KEPT) known.clear();
      known.set(asked, { related: [], alike: [], ...value, sheet: buffers[0] ? toBytes(buffers[0]) : null });
    } catch (error) {
      console.warn("lucid_widgets: no similar images", error);
      return;
    }
    if (asked === key && !signal.aborted) fill(known.get(asked) ?? null);
  }

  on(el, "click", (event) => {
    const { layer, channel } = /** @type {HTMLElement | null} */ (event.target.closest("[data-channel]"))?.dataset ?? {};
    if (layer !== undefined && channel !== undefined) go(layer, Number(channel));
  });
  signal.addEventListener("abort", () => {
    session.clock.stop(timer);
    cellImages.leave(el);
  });

  return {
    el,

    /** @param {WidgetState} newest @param {number} unit channel; -1 for none */
    show(newest, unit) {
      state = newest;
      const offered = Boolean(state._store?.variants) && unit >= 0 && session.hasKernel() && !session.offline;
      const now = offered ? `${state._board} ${state._store.done} ${unit}` : "";
      if (now === key) return draw();
      key = now;
      session.clock.stop(timer);
      timer = null;
      const found = known.get(key);
      if (!offered || found) return fill(found ?? null);
      timer = session.clock.start(() => ask(now, unit), PAUSE);
    },
  };
}
