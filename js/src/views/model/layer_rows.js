import { formatCount } from "../../core/text/format.js";
import { rowsInView, scrollFor } from "../../core/layout/visible_rows.js";
import { createPinnedStage } from "./pinned_stage.js";
import { layersText } from "../../core/text/layers.js";
import { h } from "../base/dom.js";

/** Height of a row in pixels, as in the style sheet. */
const ROW = 24;

/**
 * @typedef {object} Row
 * @property {string} key unique key of the row
 * @property {string} label
 * @property {import("../../core/objective/layer_search.js").Layer | null} layer
 * @property {number} [level] depth in a tree, from 1
 * @property {number} [place] position among the rows of the same branch, from 1
 * @property {number} [of] number of these rows
 * @property {number} [count] number of layers in a branch or stage
 * @property {string} [note] size of a stage; only stages have one
 * @property {boolean | null} [open] whether a branch is open; null for a row without children
 */

/**
 * A virtualized list of layers: only visible rows are in the page, so five thousand rows cost no more than fifty.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name part of the ids, unique in the view
 */
export function createLayerRows(context, { name }) {
  const { on, id } = context;
  const space = h("div", { class: "lucidw-rows", role: "presentation" });
  const pinned = createPinnedStage(ROW);
  const el = h("div", {
    class: "lucidw-list",
    role: "listbox",
    id: id(name),
    tabindex: "0",
    "aria-label": layersText.layer,
    "data-lucidw": name,
    title: layersText.layersTip,
  }, pinned.el, space);
  /** @type {Row[]} */
  let rows = [];
  /** @type {Map<number, HTMLElement>} the rows in the page, by index */
  const drawn = new Map();
  let chosen = "";
  let cursor = -1;
  let tree = false;

  /** @param {Row} row @param {number} index */
  function create({ key, label, layer, level = 1, place, of, count = 0, note, open = null }, index) {
    const percent = layer && layer.share !== null ? Math.round(100 * layer.share) : null;
    const bar = h("i", { class: "lucidw-share" });
    bar.style.setProperty("--share", `${percent ?? 0}%`);
    const stage = note !== undefined;
    const depth = layer ? (layer.channels === null ? "" : formatCount(layer.channels)) : formatCount(count);
    const row = h(
      "div",
      {
        class: ["lucidw-layer", layer ? "" : "lucidw-branch", stage ? "lucidw-stage" : "", of && level > 1 ? "lucidw-in-stage" : ""].filter(Boolean).join(" "),
        role: tree ? "treeitem" : "option",
        id: id(`${name}-${index}`),
        "aria-selected": String(layer !== null && layer.name === chosen),
        title: layer ? layersText.layerTip(layer.name, layer.kind, percent, describeSize(layer)) : layersText.layersIn(stage ? [label, note].filter(Boolean).join(", ") : key, count),
      },
      h("span", { class: "lucidw-name" }, label),
    );
    if (layer) {
      row.dataset.layer = layer.name;
      row.append(h("span", { class: "lucidw-receptive-field" }, fieldOf(layer)), h("span", { class: "lucidw-spatial-size" }, extentOf(layer)), bar);
    }
    if (note) row.append(h("span", { class: "lucidw-stage-size" }, note));
    if (stage) row.append(h("span", { class: "lucidw-stage-count" }, layersText.layersCount(count)));
    else row.append(h("span", { class: "lucidw-channel-count" }, depth, h("span", { class: "lucidw-visually-hidden" }, depth && (layer ? layersText.channelsUnit : layersText.layersUnit))));
    row.style.transform = `translateY(${index * ROW}px)`;
    if (index === cursor) row.classList.add("lucidw-cursor");
    if (tree) {
      row.style.setProperty("--level", String(level));
      row.setAttribute("aria-level", String(level));
      if (open !== null) row.setAttribute("aria-expanded", String(open));
    }
    // Only a part of the rows is in the page, so assistive technology cannot count them.
    if (!tree || of) {
      row.setAttribute("aria-setsize", String(of ?? rows.length));
      row.setAttribute("aria-posinset", String(place ?? index + 1));
    }
    return row;
  }

  /** Adds the visible rows to the page and removes the others. */
  function draw() {
    pinned.update(rows, el.scrollTop);
    const { first, end } = rowsInView({ top: el.scrollTop, height: el.clientHeight, row: ROW, count: rows.length });
    /** @param {number} index */
    const wanted = (index) => (index >= first && index < end) || index === cursor;
    for (const [index, row] of drawn) {
      if (wanted(index)) continue;
      row.remove();
      drawn.delete(index);
    }
    const fresh = [];
    for (let index = first; index < end; index += 1) if (!drawn.has(index)) fresh.push(index);
    if (cursor >= 0 && cursor < rows.length && !drawn.has(cursor) && !fresh.includes(cursor)) fresh.push(cursor);
    for (const index of fresh) {
      const row = create(/** @type {Row} */ (rows[index]), index);
      row.dataset.index = String(index);
      // In the order of the list, for screen readers.
      const next = Math.min(...[...drawn.keys()].filter((each) => each > index));
      space.insertBefore(row, drawn.get(next) ?? null);
      drawn.set(index, row);
    }
  }

  function redraw() {
    drawn.clear();
    space.replaceChildren();
    draw();
  }

  // The list has no height before it is added to the page and while it is hidden.
  const resized = new ResizeObserver(() => {
    draw();
    reveal(indexOf(chosen));
  });
  resized.observe(el);
  context.signal.addEventListener("abort", () => resized.disconnect(), { once: true });
  on(el, "scroll", draw, { passive: true });

  /** @param {string} layer */
  function indexOf(layer) {
    return rows.findIndex((row) => row.layer?.name === layer);
  }

  /** Scrolls only the list, not the notebook. @param {number} index */
  function reveal(index) {
    if (index < 0 || !el.clientHeight) return;
    const covered = (rows[index]?.level ?? 1) > 1 && rows.some((row) => row.note !== undefined) ? ROW : 0;
    const top = scrollFor(index, { top: el.scrollTop, height: el.clientHeight, row: ROW, covered });
    if (top !== el.scrollTop) el.scrollTop = top;
    draw();
  }

  return {
    el,
    indexOf,

    get rows() {
      return rows;
    },

    get cursor() {
      return cursor;
    },

    /** @param {Row[]} newest @param {boolean} asTree */
    show(newest, asTree) {
      rows = newest;
      tree = asTree;
      cursor = -1;
      el.setAttribute("role", tree ? "tree" : "listbox");
      el.removeAttribute("aria-activedescendant");
      space.style.height = `${rows.length * ROW}px`;
      redraw();
    },

    /** Marks the row of a layer. @param {string} layer @returns {boolean} whether it has one */
    mark(layer) {
      chosen = layer;
      for (const row of drawn.values()) row.setAttribute("aria-selected", String(row.dataset.layer === layer && layer !== ""));
      return indexOf(layer) >= 0;
    },

    /** Moves the highlight. Enter selects the highlighted row. @param {number} index @param {{scroll?: boolean}} [options] */
    point(index, { scroll = false } = {}) {
      drawn.get(cursor)?.classList.remove("lucidw-cursor");
      cursor = index < rows.length ? index : -1;
      draw();
      const row = drawn.get(cursor);
      row?.classList.add("lucidw-cursor");
      if (row) el.setAttribute("aria-activedescendant", row.id);
      else el.removeAttribute("aria-activedescendant");
      if (!scroll) return;
      reveal(cursor);
      // The list can be higher than the window. Then the page scrolls to the row that the keys reach.
      if (el.matches(":focus")) drawn.get(cursor)?.scrollIntoView({ block: "nearest" });
    },

    /** Index of the row that contains an element, or -1. @param {EventTarget | null} target */
    indexAt(target) {
      const row = /** @type {HTMLElement} */ (target).closest(".lucidw-layer");
      return row ? Number(/** @type {HTMLElement} */ (row).dataset.index) : -1;
    },
  };
}

/** @param {import("../../core/objective/layer_search.js").Layer} layer */
function extentOf({ shape }) {
  return shape?.length === 3 && shape[0] && shape[1] ? `${shape[0]}×${shape[1]}` : "";
}

/** @param {import("../../core/objective/layer_search.js").Layer} layer */
function fieldOf({ receptive_field: field }) {
  return field ? `${formatCount(field)} px` : "";
}

/** @param {import("../../core/objective/layer_search.js").Layer} layer */
export function describeSize(layer) {
  const [extent, field] = [extentOf(layer), layer.receptive_field];
  return [extent && layersText.layerSpatialSize(extent), field ? layersText.layerReceptiveField(formatCount(field)) : ""].filter(Boolean);
}
