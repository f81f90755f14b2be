import { bestMatch, filterLayers, moveRow } from "../core/layers.js";
import { formatCount } from "../core/format.js";
import { text } from "../core/strings.js";
import { createField } from "./field.js";
import { h, setText } from "./dom.js";

/**
 * The network's layers: a list with a search above it, and a select in its place where the widget is narrow.
 * @param {import("../widget.js").Context} context
 */
export function createLayers(context) {
  const { on, id } = context;
  const search = h("input", {
    type: "search",
    class: "lucidw-input",
    "data-lucidw": "layer-search",
    autocomplete: "off",
    spellcheck: "false",
    title: text.searchTip,
    "aria-controls": id("layers"),
  });
  const list = h("div", {
    class: "lucidw-list",
    role: "listbox",
    id: id("layers"),
    tabindex: "0",
    "aria-label": text.layer,
    "data-lucidw": "layers",
    title: text.layersTip,
  });
  const nothing = h("p", { class: "lucidw-nothing", hidden: true }, text.noLayers);
  const select = h("select", { class: "lucidw-input lucidw-select", "aria-label": text.layer, "data-lucidw": "layer-select" });
  const custom = h("option", { value: "", disabled: true, hidden: true });
  const note = h("p", { class: "lucidw-custom", "data-lucidw": "custom", hidden: true });
  const group = h("div", { class: "lucidw-layer-list" }, search, note, list, nothing);
  const field = createField(context, { name: "layer", control: group, show: mark, pause: 0 });
  const el = h("div", { class: "lucidw-layers" }, h("div", { class: "lucidw-heading" }, text.layer), group, select, field.problem);

  /** @type {import("../core/layers.js").Layer[]} */
  let layers = [];
  /** @type {import("../core/layers.js").Layer[]} */
  let found = [];
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  let chosen = "";
  /** Python's choice, which `chosen` differs from while an edit is under way. */
  let known = "";
  let cursor = -1;

  /** @param {import("../core/layers.js").Layer} layer @param {number} index */
  function createRow(layer, index) {
    const count = layer.channels === null ? "" : formatCount(layer.channels);
    const bar = h("i", { class: "lucidw-share" });
    bar.style.setProperty("--share", `${Math.round(100 * layer.share)}%`);
    const row = h(
      "div",
      {
        class: "lucidw-layer",
        role: "option",
        id: id(`layer-${index}`),
        "data-layer": layer.name,
        title: text.layerTip(layer.name, layer.kind, Math.round(100 * layer.share)),
        "aria-selected": "false",
      },
      h("span", { class: "lucidw-name" }, layer.name),
      bar,
      h("span", { class: "lucidw-depth" }, count, h("span", { class: "lucidw-unseen" }, count && text.channelsUnit)),
    );
    return row;
  }

  function rebuild() {
    rows.clear();
    layers.forEach((layer, index) => rows.set(layer.name, createRow(layer, index)));
    search.placeholder = text.searchLayers(layers.length);
    search.setAttribute("aria-label", search.placeholder);
    select.replaceChildren(
      custom,
      ...layers.map((layer) =>
        h("option", { value: layer.name }, layer.channels === null ? layer.name : `${layer.name} · ${formatCount(layer.channels)}`),
      ),
    );
    filter();
  }

  function filter() {
    found = filterLayers(layers, search.value);
    list.replaceChildren(...found.flatMap((layer) => rows.get(layer.name) ?? []));
    nothing.hidden = found.length > 0;
    list.hidden = found.length === 0;
    point(search.value ? -1 : found.findIndex((layer) => layer.name === chosen), { scroll: true });
  }

  /** Moves the highlight, which Enter would choose. @param {number} index @param {{scroll?: boolean}} [options] */
  function point(index, { scroll = false } = {}) {
    list.querySelector(".lucidw-cursor")?.classList.remove("lucidw-cursor");
    cursor = index;
    const row = list.children[index];
    if (!row) return list.removeAttribute("aria-activedescendant");
    row.classList.add("lucidw-cursor");
    list.setAttribute("aria-activedescendant", row.id);
    if (scroll) reveal(row);
  }

  /** @param {Element} row */
  function indexOf(row) {
    return Array.prototype.indexOf.call(list.children, row);
  }

  /** Scrolls the list alone; `scrollIntoView` would scroll the notebook too. @param {Element} row */
  function reveal(row) {
    const [outer, inner] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
    if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top + 4;
    else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom + 4;
  }

  /** @param {string | undefined} edited */
  function mark(edited) {
    const name = edited ?? known;
    if (name === chosen) return;
    rows.get(chosen)?.setAttribute("aria-selected", "false");
    chosen = name;
    const row = rows.get(chosen);
    row?.setAttribute("aria-selected", "true");
    // Neither an expression of several terms nor a tensor that is no layer has a row.
    note.hidden = custom.hidden = row !== undefined;
    setText(note, chosen || text.customExpression);
    setText(custom, chosen || text.customExpression);
    custom.value = row ? "" : chosen;
    select.value = chosen;
    if (row?.parentElement === list && !list.matches(":focus")) point(indexOf(row), { scroll: true });
  }

  /** @param {string | undefined} name */
  function choose(name) {
    if (name === undefined || name === (field.edit.state.value ?? known)) return;
    field.edit.set(name, { now: true });
  }

  on(search, "input", () => {
    filter();
    if (search.value) context.say(text.found(found.length));
  });
  on(search, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && !event.shiftKey && search.value) {
      choose(bestMatch(found, search.value)?.name);
    } else if (event.key === "ArrowDown" && found.length) {
      event.preventDefault();
      list.focus();
      if (cursor < 0) point(0, { scroll: true });
    } else if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      filter();
    }
  });
  on(list, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" && !event.shiftKey) || event.key === " ") {
      event.preventDefault();
      return choose(found[cursor]?.name);
    }
    const next = moveRow(event.key, cursor, found.length);
    if (next === null) return;
    event.preventDefault();
    point(next, { scroll: true });
  });
  on(list, "click", (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest(".lucidw-layer");
    if (!row) return;
    point(indexOf(row));
    choose(/** @type {HTMLElement} */ (row).dataset.layer);
  });
  // Rows have no place before the list is on the page, and again after it was folded into the select.
  const shown = new IntersectionObserver((entries) => {
    const row = rows.get(chosen);
    if (row?.parentElement === list && entries.some((entry) => entry.isIntersecting)) reveal(row);
  });
  shown.observe(list);
  context.signal.addEventListener("abort", () => shown.disconnect(), { once: true });
  on(select, "change", () => choose(select.value));

  return {
    el,

    /** @param {Record<string, any>} state */
    update(state) {
      const fresh = state.layers !== layers;
      if (fresh) {
        layers = state.layers ?? [];
        rebuild();
      }
      known = state.layer ?? "";
      if (fresh) chosen = "\0"; // no layer's name: the rows are new, and one of them is to be marked
      mark(field.current(known));
    },
  };
}
