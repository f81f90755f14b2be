import { builderText, wordsFor } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { createLayerBrowser } from "../model/layer_browser.js";
import { createTermCard } from "./term_card.js";
import { createTermMenu } from "./term_menu.js";
import { h } from "../base/dom.js";
import { createChildContext } from "../base/child_context.js";

/** Traits of every widget with terms. @type {(keyof ObjectiveBuilderTraits)[]} */
export const TERM_TRAITS = ["terms", "_term_kinds", "_labels", "layers", "_stages", "problem"];

/** @typedef {import("../../core/input/term_values.js").Term} Term */

/**
 * The objective as a list of terms, of which at most one is open.
 * @param {import("../../widget.js").Context} context
 */
export function createTermList(context) {
  const { session, announce } = context;
  const list = h("div", { class: "lucidw-term-list", role: "list", "aria-label": builderText.terms, "data-lucidw": "terms" });
  const empty = h("p", { class: "lucidw-no-results", hidden: true }, builderText.noTerms);
  const menu = createTermMenu(context, add);
  const browser = createLayerBrowser(context, { name: "term-layers", search: "term-layer-search", choose });
  const itself = createButton(context, {
    name: "layer-input",
    label: builderText.inputImage,
    tip: builderText.inputImage,
    glyph: "image",
    press: () => choose("input"),
  });
  const drawer = h("div", { class: "lucidw-layer-chooser", "data-lucidw": "drawer", hidden: true }, itself.el, browser.el);
  const el = h("div", { class: "lucidw-terms" }, h("div", { class: "lucidw-heading" }, builderText.terms), list, empty, menu.el);

  /** @typedef {ReturnType<typeof createTermCard> & {end: () => void}} Card */
  /** @type {Map<number, Card>} */
  const cards = new Map();
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  /** @type {import("../../core/objective/layer_search.js").Layer[]} */
  let layers = [];
  /** @type {Map<string, import("../../core/objective/layer_search.js").Layer>} */
  let byName = new Map();
  /** Id of the open card (0 for none), and the field for which the layers are shown. */
  let open = 0;
  let browsing = "";
  /** Called once the card of a new term exists. @type {((card: Card) => void) | null} */
  let awaited = null;
  let awaitedId = 0;

  /** @param {string} name @param {object} args */
  const perform = (name, args) => session.perform(name, args);

  /** @returns {Term[]} */
  const terms = () => state.terms ?? [];

  /** @param {number} id */
  function card(id) {
    const term = terms().find((each) => each.id === id);
    if (!term) return undefined;
    const fields = (state._term_kinds ?? []).find((/** @type {any} */ each) => each.kind === term.kind)?.fields ?? [];
    const inner = createChildContext(context);
    const view = createTermCard(inner.context, term, fields, {
      edit: (changes) => session.command("edit_term", { id, ...changes }),
      upload: (upload) => session.command("term_image", { id, ...upload }),
      toggle: () => show(open === id ? 0 : id),
      move: (by) => move(id, by),
      duplicate: () => duplicate(id),
      remove: () => remove(id),
      browse: (field) => browse(id, field),
      layerOf: (name) => byName.get(name),
    });
    return { ...view, end: inner.end };
  }

  /** Opens one card; 0 closes all. @param {number} id */
  function show(id) {
    open = id;
    browse(0, "");
    for (const [each, view] of cards) view.open(each === open);
  }

  /** @param {number} id @param {string} field */
  function browse(id, field) {
    const again = browsing === field;
    browsing = again ? "" : field;
    drawer.hidden = !browsing;
    const view = cards.get(id);
    if (!browsing || !view) {
      browsing = "";
      drawer.remove();
      return;
    }
    view.slot.append(drawer);
    point();
    browser.search.focus({ preventScroll: true });
  }

  /** Marks the layer of the open field. */
  function point() {
    const term = terms().find((each) => each.id === open);
    if (!term || !browsing) return;
    const kind = (state._term_kinds ?? []).find((/** @type {any} */ each) => each.kind === term.kind);
    const field = kind?.fields.find((/** @type {any} */ each) => each.name === browsing);
    itself.el.hidden = field?.default !== "input";
    itself.el.setAttribute("aria-pressed", String(term.arguments[browsing] === "input"));
    browser.mark(term.arguments[browsing] ?? "");
  }

  /** @param {string} layer */
  function choose(layer) {
    const [id, field] = [open, browsing];
    const back = /** @type {HTMLElement | null | undefined} */ (cards.get(id)?.el.querySelector(`[data-lucidw="field-${field}"]`));
    perform("edit_term", { id, arguments: { [field]: layer } });
    browse(0, "");
    back?.focus({ preventScroll: true });
  }

  /** @param {string} kind */
  async function add(kind) {
    const answer = await perform("add_term", { kind });
    const id = answer?.value?.id;
    if (!id) return menu.opener.focus();
    announce(builderText.added(wordsFor(kind).name));
    whenThere(id, (view) => {
      show(id);
      view.opener.focus();
    });
  }

  /** @param {number} id */
  async function duplicate(id) {
    const answer = await perform("duplicate_term", { id });
    const twin = answer?.value?.id;
    if (twin) whenThere(twin, (view) => {
      show(twin);
      view.opener.focus();
    });
  }

  /** @param {number} id */
  async function remove(id) {
    const index = terms().findIndex((each) => each.id === id);
    const name = wordsFor(terms()[index]?.kind ?? "").name;
    const neighbour = terms()[index + 1] ?? terms()[index - 1];
    if (!(await perform("remove_term", { id }))) return;
    announce(builderText.removed(name));
    const next = neighbour && cards.get(neighbour.id);
    (next ? next.opener : menu.opener).focus();
  }

  /** @param {number} id @param {number} by */
  async function move(id, by) {
    const index = terms().findIndex((each) => each.id === id);
    const to = index + by;
    if (to < 0 || to >= terms().length) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    if (!(await perform("move_term", { id, to }))) return;
    announce(builderText.moved(to + 1, terms().length));
    // Moving an element in the page removes its focus.
    if (focused && cards.get(id)?.el.contains(focused)) focused.focus();
  }

  /** Calls `then` with a card, which may not exist yet: a reply can arrive before the traits that the command changed. @param {number} id @param {(view: Card) => void} then */
  function whenThere(id, then) {
    const view = cards.get(id);
    if (view) return then(view);
    awaitedId = id;
    awaited = then;
  }

  return {
    el,
    menu,

    /** @param {WidgetState} newest */
    update(newest) {
      state = newest;
      if (layers !== state.layers) {
        layers = state.layers ?? [];
        byName = new Map(layers.map((layer) => [layer.name, layer]));
        browser.show(layers, state._stages?.stages ?? []);
      }
      const ids = new Set(terms().map((term) => term.id));
      for (const [id, view] of cards) {
        const term = terms().find((each) => each.id === id);
        if (ids.has(id) && term?.kind === view.kind && term.fixed === view.fixed) continue;
        if (view.slot.contains(drawer)) browse(0, "");
        const focused = view.el.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.lucidw : undefined;
        const fresh = ids.has(id) ? card(id) : undefined;
        view.end();
        if (fresh) {
          cards.set(id, fresh);
          view.el.replaceWith(fresh.el);
          fresh.show(/** @type {Term} */ (term), 0, 1, state);
          fresh.open(id === open);
          if (focused) /** @type {HTMLElement | null} */ (fresh.el.querySelector(`[data-lucidw="${focused}"]`))?.focus();
        } else {
          cards.delete(id);
          view.el.remove();
        }
      }
      terms().forEach((term, index) => {
        let view = cards.get(term.id);
        if (!view) {
          view = card(term.id);
          if (!view) return;
          cards.set(term.id, view);
          view.open(term.id === open);
        }
        if (list.children[index] !== view.el) list.insertBefore(view.el, list.children[index] ?? null);
        view.show(term, index, terms().length, state);
      });
      empty.hidden = terms().length > 0;
      point();
      const view = awaited && cards.get(awaitedId);
      if (awaited && view) {
        const then = awaited;
        awaited = null;
        then(view);
      }
    },
  };
}

