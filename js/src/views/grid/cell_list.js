import { FIRST_SIZE, SIZES, layoutFor, moveCell, rowHeight } from "../../core/layout/cell_layout.js";
import { rowsInView, scrollFor } from "../../core/layout/visible_rows.js";
import { formatFigure } from "../../core/text/format.js";
import { gridText } from "../../core/text/grid.js";
import { FAILED, MADE, WAITING } from "./cell_images.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * The cells of the grid, virtualized: only visible cells are in the page. The list has the focus, and
 * `aria-activedescendant` names the highlighted cell, because a focused cell would lose the focus when it scrolls out.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./real_cells.js").RealCells} options.realCells
 * @param {(place: number) => void} options.open
 * @param {() => void} options.point called when another cell is highlighted or hovered
 */
export function createCellList(context, { realCells, open, point: pointed }) {
  const { session, signal, on, id } = context;
  const cellImages = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (session.cellImages);
  const space = h("div", { class: "lucidw-feature-rows", role: "presentation" });
  const el = h(
    "div",
    { class: "lucidw-feature-list", role: "listbox", tabindex: "0", "data-lucidw": "cells", "aria-multiselectable": "false" },
    space,
  );
  /** @typedef {{el: HTMLElement, canvas: HTMLCanvasElement, caption: HTMLElement, drawn: unknown, scale: number, place: number}} Drawn */
  /** @type {Map<number, Drawn>} the cells in the page, by index in `places` */
  const drawn = new Map();
  /** The places that are shown, in order. @type {number[]} */
  let places = [];
  let sizeIndex = FIRST_SIZE;
  let layout = layoutFor(0, /** @type {number} */ (SIZES[sizeIndex]));
  let cursor = -1;
  let hovered = -1;
  let opened = -1;
  /** Whether the pointer has not moved since a cell was highlighted: what comes to lie under it is not hovered. */
  let still = false;
  let laidOut = "";
  /** Name of the figure in the captions; "channel" for none. */
  let figureName = "channel";
  /** Distance between the left edges of two columns. It includes an equal part of the remaining width. */
  let pitch = 0;
  /** @type {Record<string, any>} */
  let state = {};

  const labelOf = (/** @type {number} */ unit) => state.labels?.[unit] ?? "";

  /** @param {number} index @returns {Drawn} */
  function create(index) {
    const place = /** @type {number} */ (places[index]);
    const unit = state.units[place];
    const canvas = h("canvas", { class: "lucidw-feature-image", width: 1, height: 1, "aria-hidden": "true" });
    const caption = h("span", { class: "lucidw-feature-name" });
    const cell = h(
      "div",
      {
        class: "lucidw-feature",
        role: "option",
        id: id(`cell-${place}`),
        "data-place": place,
        "data-unit": unit,
        "aria-setsize": places.length,
        "aria-posinset": index + 1,
      },
      h("span", { class: "lucidw-feature-frame" }, canvas),
      caption,
    );
    const [row, column] = [Math.floor(index / layout.columns), index % layout.columns];
    cell.style.insetInlineStart = `${column * pitch}px`;
    cell.style.top = `${row * rowHeight(layout)}px`;
    cell.style.width = `${layout.size}px`;
    return { el: cell, canvas, caption, drawn: undefined, scale: 0, place };
  }

  /** @param {Drawn} one @param {number} index */
  function paint(one, index) {
    const cell = cellImages.cell(one.place);
    const unit = state.units[one.place];
    const cellState = cell?.state ?? WAITING;
    const isOpen = unit === opened;
    const turned = realCells.shows(unit);
    const real = turned ? realCells.bitmap(unit, 2) : null;
    one.el.dataset.state = String(turned ? (real ? MADE : WAITING) : cellState);
    one.el.classList.toggle("lucidw-cursor", index === cursor);
    one.el.setAttribute("aria-selected", String(isOpen));
    const name = gridText.name(state.kind, unit, labelOf(unit));
    const figure = formatFigure(state._figures?.[figureName]?.[unit]);
    setText(one.caption, [labelOf(unit) || String(unit), figure].filter(Boolean).join(" · "));
    const words = [
      figure ? gridText.figured(state.kind, unit, labelOf(unit), figure, figureName) : name,
      turned ? gridText.realSide : gridText.states[cellState],
      isOpen ? gridText.openState : "",
    ];
    one.el.setAttribute("aria-label", words.filter(Boolean).join(", "));
    const scale = devicePixelRatio * layout.size;
    const drawing = turned ? real : cell;
    if (one.drawn === drawing && one.scale === scale) return;
    one.drawn = drawing;
    one.scale = scale;
    const bitmap = turned ? real : (cell?.bitmap ?? null);
    const failed = cellState === FAILED && !turned;
    const hadIcon = one.canvas.nextElementSibling;
    if (failed && !hadIcon) one.canvas.after(icon("warning"));
    else if (!failed && hadIcon) hadIcon.remove();
    const side = bitmap ? Math.max(1, Math.round(scale)) : 1;
    one.canvas.width = one.canvas.height = side;
    if (!bitmap) return;
    const ctx = /** @type {CanvasRenderingContext2D} */ (one.canvas.getContext("2d"));
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(bitmap, 0, 0, side, side);
  }

  /** Adds the visible cells to the page, removes the others and draws new images. */
  function draw() {
    if (signal.aborted || !state.units) return;
    const rows = Math.ceil(places.length / layout.columns);
    const view = { top: el.scrollTop, height: el.clientHeight, row: rowHeight(layout), count: rows };
    const { first, end } = rowsInView({ ...view, spare: 2 });
    const range = { first: first * layout.columns, end: Math.min(places.length, end * layout.columns) };
    for (const [index, one] of drawn) {
      if ((index >= range.first && index < range.end) || index === cursor) continue;
      one.el.remove();
      drawn.delete(index);
    }
    const wanted = [];
    if (cursor >= 0 && cursor < range.first) wanted.push(cursor);
    for (let index = range.first; index < range.end; index += 1) wanted.push(index);
    if (cursor >= range.end) wanted.push(cursor);
    // In the order of the grid, for screen readers.
    let next = space.firstElementChild;
    for (const index of wanted) {
      const one = drawn.get(index) ?? create(index);
      drawn.set(index, one);
      if (one.el === next) next = next.nextElementSibling;
      else space.insertBefore(one.el, next);
      paint(one, index);
    }
    // Visible cells come before those that are only close.
    const sight = rowsInView({ ...view, spare: 0 });
    const seen = places.slice(sight.first * layout.columns, sight.end * layout.columns);
    if (view.height) cellImages.show(el, [...new Set([...seen, ...places.slice(range.first, range.end)])]);
    const active = drawn.get(cursor);
    if (active) el.setAttribute("aria-activedescendant", active.el.id);
    else el.removeAttribute("aria-activedescendant");
  }

  /** Updates the layout after a change of width, size or search. @param {boolean} [rebuild] */
  function arrange(rebuild = false) {
    const width = space.clientWidth;
    if (!width) return;
    layout = layoutFor(width, /** @type {number} */ (SIZES[sizeIndex]));
    pitch = layout.columns > 1 ? (width - layout.size) / (layout.columns - 1) : 0;
    const now = `${width} ${layout.columns} ${layout.size} ${places.length}`;
    if (rebuild || now !== laidOut) {
      laidOut = now;
      drawn.clear();
      space.replaceChildren();
      space.style.height = `${Math.ceil(places.length / layout.columns) * rowHeight(layout)}px`;
    }
    draw();
  }

  /** @param {number} index */
  function reveal(index) {
    if (index < 0 || !el.clientHeight) return;
    const row = rowHeight(layout);
    const top = scrollFor(Math.floor(index / layout.columns), { top: el.scrollTop, height: el.clientHeight, row });
    if (top !== el.scrollTop) el.scrollTop = top;
  }

  /** Moves the highlight. @param {number} index */
  function point(index) {
    cursor = index < places.length ? index : -1;
    reveal(cursor);
    draw();
    pointed();
  }

  /** @param {EventTarget | null} target */
  function indexAt(target) {
    const cell = /** @type {HTMLElement} */ (target).closest("[data-place]");
    return cell ? places.indexOf(Number(/** @type {HTMLElement} */ (cell).dataset.place)) : -1;
  }

  const resized = new ResizeObserver(() => {
    const top = cursor >= 0 ? cursor : Math.floor(el.scrollTop / rowHeight(layout)) * layout.columns;
    const { columns } = layout;
    arrange();
    if (columns !== layout.columns && el.scrollTop > 0) reveal(top);
  });
  resized.observe(el);
  signal.addEventListener(
    "abort",
    () => {
      resized.disconnect();
      cellImages.leave(el);
    },
    { once: true },
  );
  on(el, "scroll", draw, { passive: true });
  on(el, "pointermove", () => (still = false), { passive: true });
  // The last hovered cell stays current when the pointer leaves, so that the user can reach its Open button.
  on(el, "pointerover", (event) => {
    const index = indexAt(event.target);
    if (still || index < 0 || index === hovered) return;
    hovered = index;
    pointed();
  });
  on(el, "click", (event) => {
    const index = indexAt(event.target);
    if (index < 0) return;
    point(index);
    open(/** @type {number} */ (places[index]));
  });
  on(el, "focus", () => {
    if (cursor < 0 && places.length && el.matches(":focus-visible")) point(Math.floor(el.scrollTop / rowHeight(layout)) * layout.columns);
  });
  on(el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && !event.shiftKey && cursor >= 0) {
      event.preventDefault();
      return open(/** @type {number} */ (places[cursor]));
    }
    const rows = Math.floor(el.clientHeight / rowHeight(layout));
    const next = moveCell(event.key, cursor, { columns: layout.columns, rows, count: places.length });
    if (next === null) return;
    event.preventDefault();
    hovered = -1;
    point(next);
  });

  return {
    el,
    draw,

    /** Place of the current cell: the last hovered, or else the highlighted, the open or the first one. @returns {number} */
    get looked() {
      const open = state.units?.indexOf(opened) ?? -1;
      return places[hovered] ?? places[cursor] ?? (open >= 0 ? open : (places[0] ?? -1));
    },

    /** @param {1 | -1} by */
    resize(by) {
      sizeIndex = Math.max(0, Math.min(SIZES.length - 1, sizeIndex + by));
      const top = cursor >= 0 ? cursor : Math.floor(el.scrollTop / rowHeight(layout)) * layout.columns;
      arrange();
      reveal(top);
      draw();
    },

    get smallest() {
      return sizeIndex === 0;
    },

    get largest() {
      return sizeIndex === SIZES.length - 1;
    },

    /**
     * Shows these places.
     * @param {number[]} found
     * @param {Record<string, any>} newest
     * @param {boolean} fresh whether the grid or the search changed
     * @param {string} figure name of the figure in the captions
     */
    show(found, newest, fresh, figure) {
      figureName = figure;
      state = newest;
      places = found;
      opened = newest.opened_unit;
      el.title = gridText.cellsTip(newest._store?.opens !== false);
      el.setAttribute("aria-label", gridText.cells(newest.layer));
      if (fresh) {
        cursor = hovered = -1;
        el.scrollTop = 0;
      }
      arrange(fresh);
    },

    /** Highlights a place, if it is shown. @param {number} place */
    highlight(place) {
      hovered = -1;
      still = true;
      point(places.indexOf(place));
    },

    first() {
      return places[0] ?? -1;
    },

    focusFirst() {
      el.focus();
      if (cursor < 0) point(0);
    },
  };
}
