import { bestMatch, filterLayers, moveRow } from "../../core/objective/layer_search.js";
import { layerPairs } from "../../core/objective/layer_pairs.js";
import { openAtFirst, stageKey, stageOf, stageRows } from "../../core/objective/layer_stages.js";
import { buildLayerTree, pathTo, visibleRows } from "../../core/objective/layer_tree.js";
import { layersText } from "../../core/text/layers.js";
import { createButton } from "../controls/button.js";
import { createLayerRows } from "./layer_rows.js";
import { h, setText } from "../base/dom.js";

/** Number of layers from which grouping by name is offered. */
const FEW = 24;
/** Number of rows from which stages have headings. */
const FEW_ROWS = 8;

/**
 * A list of the network's layers with a search field: in the order of the network, grouped by stage if its stages are known,
 * or as a tree of their names.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the list; "-tree" is appended for its button
 * @param {string} options.search name of the search field
 * @param {(layer: string) => void} options.choose
 */
export function createLayerBrowser(context, { name, search: searchName, choose }) {
  const { on, id } = context;
  const search = h("input", {
    type: "search",
    class: "lucidw-input",
    "data-lucidw": searchName,
    autocomplete: "off",
    spellcheck: "false",
    title: layersText.searchTip,
    "aria-controls": id(name),
  });
  const branches = createButton(context, {
    name: `${name}-tree`,
    label: layersText.asTree,
    tip: layersText.asTree,
    glyph: "tree",
    look: "lucidw-square lucidw-tree-toggle",
    bare: true,
    press: () => {
      asTree = !asTree;
      fill();
    },
  });
  const list = createLayerRows(context, { name });
  const nothing = h("p", { class: "lucidw-no-results", hidden: true }, layersText.noLayers);
  const head = h("div", { class: "lucidw-layer-head", "aria-hidden": "true", title: layersText.layerColumnsTip }, h("span", {}, layersText.layerName), h("span", { class: "lucidw-narrow-columns" }, layersText.layerColumns), h("span", { class: "lucidw-wide-columns" }, layersText.layerColumnsWide));
  const after = h("button", { type: "button", class: "lucidw-button lucidw-toggle", "data-lucidw": `${name}-after`, title: layersText.afterTip }, layersText.after);
  const before = h("button", { type: "button", class: "lucidw-button lucidw-toggle", "data-lucidw": `${name}-before`, title: layersText.beforeTip }, layersText.before);
  const pairName = h("span", { class: "lucidw-pair-name" });
  const pair = h("div", { class: "lucidw-pair", role: "group", "aria-label": layersText.pair, "data-lucidw": `${name}-pair`, hidden: true }, pairName, after, before);
  const el = h("div", { class: "lucidw-layer-list" }, h("div", { class: "lucidw-search" }, search, branches.el), head, list.el, nothing, pair);

  /** @type {import("../../core/objective/layer_search.js").Layer[]} */
  let layers = [];
  /** @type {import("../../core/objective/layer_search.js").Layer[]} */
  let found = [];
  /** @type {import("../../core/objective/layer_tree.js").Branch[]} */
  let tree = [];
  /** @type {Set<string>} */
  const open = new Set();
  /** @type {import("../../core/objective/layer_stages.js").Stage[]} */
  let stages = [];
  /** Keys of the stages that are open while there is a search, which opens what it finds. @type {Set<string>} */
  let openInSearch = new Set();
  let asTree = false;
  /** @type {Map<string, string>} */
  let pairs = new Map();
  let chosen = "";

  /** @param {{scroll?: boolean}} [options] */
  function fill({ scroll = true } = {}) {
    found = filterLayers(layers, search.value);
    // The layer before an activation function has a button in the row of its pair. A search lists it as well.
    const single = search.value ? found : found.filter((layer) => !pairs.has(layer.name));
    const branching = asTree && !search.value;
    branches.el.setAttribute("aria-pressed", String(asTree));
    if (branching) {
      for (const key of scroll ? pathTo(tree, chosen) : []) open.add(key);
      const rows = visibleRows(tree, open).map(({ key, label, layer, level, count, branches: below }) => ({
        key,
        label,
        layer,
        level,
        count,
        open: below.length ? open.has(key) : null,
      }));
      list.show(rows, true);
    } else if (stages.length > 1) {
      if (scroll && !search.value) openStageOf(chosen);
      list.show(stageRows(stages, layers, single, opened()), true);
    } else {
      list.show(single.map((layer) => ({ key: layer.name, label: layer.name, layer })), false);
    }
    nothing.hidden = list.rows.length > 0;
    list.el.hidden = list.rows.length === 0;
    list.mark(row());
    list.point(search.value ? -1 : list.indexOf(row()), { scroll });
  }

  /** Keys of the rows that are open. */
  function opened() {
    return search.value ? openInSearch : open;
  }

  /** @param {string} layer @returns {boolean} whether its stage was closed */
  function openStageOf(layer) {
    const index = stageOf(stages, layers, layer);
    const closed = index >= 0 && !open.has(stageKey(index));
    if (closed) open.add(stageKey(index));
    return closed;
  }

  /** The layer whose row stands for the selected layer. */
  function row() {
    return search.value || asTree ? chosen : (pairs.get(chosen) ?? chosen);
  }

  function showPair() {
    const shown = pairs.get(chosen) ?? chosen;
    pair.hidden = ![...pairs.values()].includes(shown);
    setText(pairName, shown);
    after.setAttribute("aria-pressed", String(chosen === shown));
    before.setAttribute("aria-pressed", String(chosen !== shown));
  }

  /** Opens or closes a branch. @param {number} index @param {boolean} wanted */
  function unfold(index, wanted) {
    const key = list.rows[index]?.key ?? "";
    const keys = search.value ? openInSearch : open;
    if (wanted) keys.add(key);
    else keys.delete(key);
    fill({ scroll: false });
    list.point(list.rows.findIndex((row) => row.key === key), { scroll: true });
  }

  /** @param {number} index */
  function take(index) {
    const row = list.rows[index];
    if (row?.layer) choose(row.layer.name);
    else if (row) unfold(index, !row.open);
  }

  /** Handles the additional keys of a tree. @param {string} key */
  function inTree(key) {
    const row = list.rows[list.cursor];
    if (!row?.level) return false;
    if (key === "ArrowRight" && row.open === false) unfold(list.cursor, true);
    else if (key === "ArrowLeft" && row.open) unfold(list.cursor, false);
    else if (key === "ArrowLeft") {
      const above = list.rows.slice(0, list.cursor).findLastIndex((each) => (each.level ?? 1) < (row.level ?? 1));
      if (above >= 0) list.point(above, { scroll: true });
    } else return false;
    return true;
  }

  on(after, "click", () => choose(pairs.get(chosen) ?? chosen));
  on(before, "click", () => {
    for (const [pre, shown] of pairs) if (shown === chosen) return choose(pre);
  });
  on(search, "input", () => {
    openInSearch = new Set(stages.map((_, index) => stageKey(index)));
    if (search.value) list.el.scrollTop = 0;
    fill();
    if (search.value) context.announce(layersText.found(found.length));
  });
  on(search, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && !event.shiftKey && search.value) {
      event.preventDefault(); // or Enter would also activate the element that gets the focus
      const best = bestMatch(found, search.value);
      if (best) choose(best.name);
    } else if (event.key === "ArrowDown" && list.rows.length) {
      event.preventDefault();
      list.el.focus();
      const first = list.rows.findIndex((row) => row.layer);
      if (list.cursor < 0) list.point(Math.max(0, first), { scroll: true });
    } else if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      fill();
    }
  });
  on(list.el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" && !event.shiftKey) || event.key === " ") {
      event.preventDefault();
      return take(list.cursor);
    }
    if (inTree(event.key)) return event.preventDefault();
    const next = moveRow(event.key, list.cursor, list.rows.length);
    if (next === null) return;
    event.preventDefault();
    list.point(next, { scroll: true });
  });
  on(list.el, "click", (event) => {
    const index = list.indexAt(event.target);
    if (index < 0) return;
    list.point(index);
    take(index);
  });

  return {
    el,
    search,

    /**
     * @param {import("../../core/objective/layer_search.js").Layer[]} newest
     * @param {import("../../core/objective/layer_stages.js").Stage[]} [groups] the stages that the layers belong to
     */
    show(newest, groups = []) {
      layers = newest;
      head.hidden = layers.length > 0 && layers.every((layer) => layer.share === null);
      tree = buildLayerTree(layers);
      pairs = layerPairs(layers);
      stages = layers.length - pairs.size < FEW_ROWS ? [] : groups;
      open.clear();
      for (const key of openAtFirst(stages, layers.length - pairs.size)) open.add(key);
      branches.el.hidden = layers.length < FEW;
      search.placeholder = layersText.searchLayers(layers.length);
      search.setAttribute("aria-label", search.placeholder);
      fill();
    },

    /** Marks a layer as selected. @param {string} layer @returns {boolean} whether it is listed */
    mark(layer) {
      chosen = layer;
      const listed = layers.some((each) => each.name === layer);
      if (openStageOf(layer) && !asTree && !search.value) fill();
      list.mark(row());
      showPair();
      if (listed && !list.el.matches(":focus")) list.point(list.indexOf(row()), { scroll: true });
      return listed;
    },

    /** Marks the selection as pending or not. @param {boolean} pending */
    pend(pending) {
      el.toggleAttribute("data-pending", pending);
    },
  };
}
