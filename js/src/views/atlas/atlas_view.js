import { atlasText } from "../../core/atlas/text.js";
import { clamped, largestZoom, pointAt, revealing, WHOLE } from "../../core/atlas/view.js";
import { h, setText } from "../base/dom.js";
import { createBusyNotice } from "../controls/busy_notice.js";
import { createButton } from "../controls/button.js";
import { createChoice } from "../controls/choice.js";
import { createAtlasCanvas } from "./atlas_canvas.js";
import { createAtlasCells } from "./atlas_cells.js";
import { classesOf, createAtlasDetail } from "./atlas_detail.js";
import { addMoves, STEP } from "./atlas_moves.js";

/** @typedef {import("../../core/atlas/view.js").View} View */
/** @typedef {import("./atlas_canvas.js").Place} Place */

/** @type {(keyof WidgetState)[]} */
export const ATLAS_TRAITS = ["model_name", "layer", "label", "minus", "viewport", "cell", "_atlas"];

/** Classes in the sentence for screen readers. */
const SPOKEN = 3;

/**
 * The map of an activation atlas, with the cell under the pointer at its side.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createAtlasView(context) {
  const { on, id, session, signal, announce } = context;
  const cells = createAtlasCells(context);
  const canvas = createAtlasCanvas(context, cells);
  const detail = createAtlasDetail(context, cells, { letGo: () => keep(null), highlight: (name) => send({ label: name }) });

  const title = h("strong", { class: "lucidw-title" });
  const about = h("span", { class: "lucidw-atlas-about" });
  const progress = h("span", { class: "lucidw-atlas-progress lucidw-number", role: "status" });
  const label = createChoice(context, { name: "label", label: atlasText.classLabel, tip: atlasText.classTip });
  const minus = createChoice(context, { name: "minus", label: atlasText.minusLabel, tip: atlasText.minusTip });
  const labelField = h("span", { class: "lucidw-atlas-choice" }, h("span", { "aria-hidden": "true" }, atlasText.classLabel), label.el, label.problem);
  const minusField = h("span", { class: "lucidw-atlas-choice" }, h("span", { "aria-hidden": "true" }, atlasText.minusLabel), minus.el, minus.problem);
  const legendFor = h("span", { class: "lucidw-atlas-for" });
  const legendAgainst = h("span", { class: "lucidw-atlas-against" });
  const legend = h("span", { class: "lucidw-atlas-legend" }, legendFor, legendAgainst);
  const buttons = h(
    "div",
    { class: "lucidw-atlas-zooms" },
    createButton(context, { name: "smaller", label: atlasText.smaller, tip: atlasText.smallerTip, glyph: "minus", look: "lucidw-square", bare: true, press: () => moves.zoom(1 / STEP) }).el,
    createButton(context, { name: "larger", label: atlasText.larger, tip: atlasText.largerTip, glyph: "plus", look: "lucidw-square", bare: true, press: () => moves.zoom(STEP) }).el,
    createButton(context, { name: "whole", label: atlasText.whole, tip: atlasText.wholeTip, press: whole }).el,
  );
  const keys = h("p", { class: "lucidw-visually-hidden", id: id("keys") }, atlasText.keys);
  const nothing = h("p", { class: "lucidw-atlas-nothing", hidden: true });
  const busy = createBusyNotice(context);
  const map = h(
    "div",
    { class: "lucidw-atlas-map", role: "application", "aria-roledescription": atlasText.roledescription, "aria-describedby": keys.id, tabindex: "0", "data-lucidw": "map" },
    canvas.el,
    nothing,
  );
  const el = h(
    "div",
    { class: "lucidw-atlas" },
    h("div", { class: "lucidw-atlas-tools" }, title, about, progress),
    h("div", { class: "lucidw-atlas-tools lucidw-atlas-filter" }, labelField, minusField, legend, buttons),
    h("div", { class: "lucidw-atlas-body" }, h("div", { class: "lucidw-atlas-frame" }, map, keys), detail.el),
    h("p", { class: "lucidw-atlas-hint", "aria-hidden": "true" }, atlasText.hint),
    busy.el,
  );

  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  /** @type {View} */
  let view = WHOLE;
  /** @type {Place | null} */
  let pointed = null;
  /** Python's view and cell, as text, by which news are told from what is known. */
  const known = { view: "", cell: "" };
  /** Edits that Python has not answered. */
  let sending = 0;
  let offered = "";

  const grids = () => /** @type {number[]} */ (state._atlas?.grids ?? []);
  const labels = () => /** @type {string[]} */ (state._atlas?.labels ?? []);
  const most = () => largestZoom(grids(), canvas.size);

  /** The cell that was kept. @returns {Place | null} */
  function kept() {
    const [size = 0, row = 0, column = 0] = state.cell ?? [];
    const cell = size && grids().includes(size) ? cells.grid(size)?.numbers.get(row * size + column) : undefined;
    return cell === undefined ? null : { grid: size, cell };
  }

  function draw() {
    const held = kept();
    canvas.draw(view, { label: state.label ?? "", minus: state.minus ?? "", pointed, kept: held });
    const shown = held ?? pointed;
    detail.show(shown ? cells.grid(shown.grid) : null, shown?.cell ?? -1, labels(), Boolean(held));
  }

  /** @param {View} next */
  function move(next) {
    view = clamped(next, canvas.size, most());
    // At its smallest, a finger scrolls the page.
    map.style.touchAction = view.zoom > 1 ? "none" : "pan-x pan-y";
    draw();
  }

  /** @param {Record<string, any>} values */
  async function send(values) {
    sending += 1;
    try {
      await session.command("set", values);
    } catch {
      /* Python keeps its value */
    }
    sending -= 1;
    session.touch();
  }

  function rest() {
    const rounded = [view.x, view.y, view.zoom].map((value) => Number(value.toFixed(5)));
    if (JSON.stringify(rounded) !== JSON.stringify(state.viewport)) send({ viewport: rounded });
  }

  function whole() {
    move(WHOLE);
    rest();
  }

  /** The cell at a point of the view. @param {number} left @param {number} top @returns {Place | null} */
  function placeAt(left, top) {
    const grid = canvas.grid(view);
    if (!grid) return null;
    const { x, y } = pointAt(view, canvas.size, left, top);
    const [row, column] = [Math.floor(y * grid.size), Math.floor(x * grid.size)];
    if (row < 0 || column < 0 || row >= grid.size || column >= grid.size) return null;
    const cell = grid.numbers.get(row * grid.size + column);
    return cell === undefined ? null : { grid: grid.size, cell };
  }

  /** @param {Place | null} place */
  function point(place) {
    if (place?.grid === pointed?.grid && place?.cell === pointed?.cell) return;
    pointed = place;
    draw();
  }

  /** @param {Place | null} place */
  function keep(place) {
    const grid = place ? cells.grid(place.grid) : null;
    if (!place || !grid) send({ cell: [] });
    else send({ cell: [grid.size, grid.places[2 * place.cell] ?? 0, grid.places[2 * place.cell + 1] ?? 0] });
  }

  /** Moves the cursor by a key. @param {(places: Int32Array, from: number) => number} choose */
  function step(choose) {
    const grid = canvas.grid(view);
    if (!grid?.counts.length) return;
    const from = pointed?.grid === grid.size ? pointed.cell : nearest(grid);
    const to = pointed?.grid === grid.size ? choose(grid.places, from) : from;
    const [row, column] = [grid.places[2 * to] ?? 0, grid.places[2 * to + 1] ?? 0];
    pointed = { grid: grid.size, cell: to };
    move(revealing(view, canvas.size, grid.size, row, column, most()));
    const words = classesOf(grid, to, labels()).slice(0, SPOKEN).map((each) => each.label);
    announce(atlasText.spoken(atlasText.place(row, column, grid.size), words.join(", ")));
  }

  /** The cell nearest to the middle of the view. @param {import("./atlas_cells.js").Grid} grid */
  function nearest(grid) {
    let [best, least] = [0, Infinity];
    for (let cell = 0; cell < grid.counts.length; cell += 1) {
      const [row, column] = [grid.places[2 * cell] ?? 0, grid.places[2 * cell + 1] ?? 0];
      const away = Math.hypot((row + 0.5) / grid.size - view.y, (column + 0.5) / grid.size - view.x);
      if (away < least) [best, least] = [cell, away];
    }
    return best;
  }

  const moves = addMoves(context, map, {
    view: () => view,
    size: () => canvas.size,
    most,
    move,
    rest,
    point(left, top) {
      // Beyond the cells, the last one stays, so that the pointer can go on to what is known about it.
      const place = placeAt(left, top);
      if (place) point(place);
    },
    click(left, top) {
      const place = placeAt(left, top);
      const held = kept();
      point(place);
      keep(place && (held?.grid !== place.grid || held.cell !== place.cell) ? place : null);
    },
    whole,
    step,
    keep: () => pointed && keep(pointed),
    letGo() {
      if (!state.cell?.length) return false;
      keep(null);
      return true;
    },
  });

  const resized = new ResizeObserver(() => {
    canvas.resize({ width: map.clientWidth, height: map.clientHeight });
    move(view);
  });
  resized.observe(map);
  signal.addEventListener("abort", () => resized.disconnect(), { once: true });
  cells.subscribe(draw, signal);
  on(map, "focus", () => {
    const grid = canvas.grid(view);
    if (map.matches(":focus-visible") && !pointed && grid?.counts.length) point({ grid: grid.size, cell: nearest(grid) });
  });

  return {
    el,

    /** @param {WidgetState} newest */
    label: (newest) => atlasText.label(newest.model_name, newest.layer),

    /** @param {WidgetState} newest */
    update(newest) {
      state = newest;
      const { images = "", activations = 0, done = 0, total = 0 } = state._atlas ?? {};
      setText(title, [state.model_name, state.layer].filter(Boolean).join(" · "));
      setText(about, atlasText.about(activations, images));
      setText(progress, done < total ? atlasText.progress(done, total) : "");
      map.setAttribute("aria-label", atlasText.map(state.layer));
      nothing.hidden = done > 0 && session.hasKernel();
      setText(nothing, session.hasKernel() ? atlasText.nothing : atlasText.noKernel);
      busy.update();
      const names = labels();
      if (JSON.stringify(names) !== offered) {
        offered = JSON.stringify(names);
        const sorted = [...new Set(names)].sort((a, b) => a.localeCompare(b));
        label.offer([["", atlasText.noClass], ...sorted.map((name) => /** @type {[string, string]} */ ([name, name]))]);
        minus.offer([["", atlasText.noMinus], ...sorted.map((name) => /** @type {[string, string]} */ ([name, name]))]);
      }
      labelField.hidden = names.length === 0;
      label.show(state.label);
      minus.show(state.minus);
      minusField.hidden = !state.label;
      legend.hidden = !state.label;
      setText(legendFor, atlasText.speaksFor(state.label));
      setText(legendAgainst, atlasText.speaksAgainst(state.minus));
      canvas.offer(grids());
      const [x = 0.5, y = 0.5, zoom = 1] = state.viewport ?? [];
      const text = JSON.stringify(state.viewport);
      if (text !== known.view && !sending) {
        known.view = text;
        move({ x, y, zoom });
      }
      draw();
    },
  };
}
