import { arrangeCells, filterCells } from "../../core/layout/cell_layout.js";
import { parseQuery } from "../../core/layout/cell_query.js";
import { formatCount, formatDuration, formatRoughly } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { gridText } from "../../core/text/grid.js";
import { ACTIVE } from "../../core/wire/stream.js";
import { createButton } from "../controls/button.js";
import { createCellList } from "./cell_list.js";
import { createCellDetail } from "./cell_detail.js";
import { createErrorCard } from "../controls/error_card.js";
import { createGridToolbar } from "./grid_toolbar.js";
import { createGridTransport } from "./grid_transport.js";
import { createLayerPicker } from "../model/layer_picker.js";
import { createBusyNotice } from "../controls/busy_notice.js";
import { createRealCells } from "./real_cells.js";
import { createRealTools } from "./real_tools.js";
import { createProgress } from "../canvas/progress.js";
import { createSaveButton } from "../canvas/save_button.js";
import { createStoreSearch } from "./store_search.js";
import { createStatusPill } from "../canvas/status_pill.js";
import { addShortcuts } from "../base/keys.js";
import { FAILED } from "./cell_images.js";
import { h, isUsable, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** Traits that the grid reads. @type {(keyof FeatureGridTraits)[]} */
export const GRID_TRAITS = [
  "status",
  "made",
  "remaining",
  "error",
  "_estimate",
  "units",
  "_board",
  "_sheet",
  "_sheet_meta",
  "model_name",
  "layers",
  "_stages",
  "layer",
  "kind",
  "variant",
  "_store",
  "labels",
  "opened_unit",
  "_opened_name",
  "_has_slot",
  "_class_rows",
  "_classes",
  "show_classes",
  "show_images",
  "turned",
  "sort_by",
  "hide_dead",
  "_figures",
  "_image_source",
  "_evidence_build",
];

/**
 * Feature images of all channels of a layer: layers on the left, cells in the center, the current cell on the right.
 * @param {import("../../widget.js").Context} context
 * @returns {import("../../widget.js").View}
 */
export function createGridView(context) {
  const { session } = context;
  const cellImages = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (session.cellImages);
  const title = h("strong", { class: "lucidw-title" });
  const pill = createStatusPill();
  const source = h("span", { class: "lucidw-feature-source", "data-lucidw": "store", hidden: true });
  const layers = createLayerPicker(context);
  const realCells = createRealCells(context);
  const board = createCellList(context, { realCells, open, point: look });
  const tools = createGridToolbar(context, {
    search,
    enter: () => board.first() >= 0 && open(board.first()),
    leave: board.focusFirst,
    resize(by) {
      board.resize(by);
      tools.show(state, board);
    },
  });
  const realTools = createRealTools(context, realCells);
  const elsewhere = createStoreSearch(context, goTo);
  const detail = createCellDetail(context, open, realCells, goTo);
  const transport = createGridTransport(context);
  const progress = createProgress(gridText.progress);
  const left = h("span", { class: "lucidw-count", "data-lucidw": "left" });
  const save = createSaveButton(context, { tip: gridText.tips.save, also: { label: gridText.alsoSave, tip: gridText.alsoSaveTip } });
  const failed = createErrorCard(context, { again: () => session.perform("run") });
  const refused = createErrorCard(context, { title: text.refusedTitle, dismiss: () => session.dismiss() });
  refused.el.dataset.lucidw = "refused";
  const note = h("p", { class: "lucidw-evidence-message", role: "status", "data-lucidw": "find-note", hidden: true });
  const nothing = h("p", { class: "lucidw-no-results", hidden: true }, gridText.none);
  const chip = h("div", { class: "lucidw-chip", "data-lucidw": "chip", hidden: true }, icon("spinner"), h("span", {}, gridText.loading));
  const busyNotice = createBusyNotice(context);
  const openedName = h("span");
  const close = createButton(context, { name: "close-opened", label: gridText.closeOpened, tip: gridText.closeOpenedTip, look: "lucidw-link", press: () => session.perform("close") });
  const opened = h("p", { class: "lucidw-feature-opened", "data-lucidw": "opened", hidden: true }, openedName, close.el);
  const el = h(
    "div",
    { class: "lucidw-layout lucidw-workbench lucidw-feature-grid" },
    h("div", { class: "lucidw-header" }, title, source, pill.el),
    h("div", { class: "lucidw-canvas-area" }, failed.el, refused.el, tools.el, note, elsewhere.el, realTools.el, nothing, board.el, chip, busyNotice.el, ...save.extras),
    h("div", { class: "lucidw-footer" }, h("div", { class: "lucidw-controls" }, transport.el, progress.el, left, save.el), opened),
    h("div", { class: "lucidw-side lucidw-left" }, layers.el),
    h("div", { class: "lucidw-side lucidw-right" }, detail.el),
  );
  addShortcuts(context, {
    " ": () => !state._store?.variants && transport.toggle(),
    s: () => isUsable(save.el) && save.save(),
    "+": tools.larger,
    "-": tools.smaller,
    r: () => {
      const unit = state.units?.[board.looked];
      if (unit === undefined || !realCells.offered) return;
      realCells.turn(unit);
      const name = gridText.name(state.kind, unit, state.labels?.[unit] ?? "");
      context.announce(`${name}: ${realCells.wants(unit) ? gridText.sides.real : gridText.sides.visualization}`);
    },
    R: () => realCells.offered && realCells.turnAll(!realCells.all),
  });
  realCells.subscribe(() => {
    board.draw();
    look();
  }, context.signal);
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  let shown = "";
  let query = "";
  /** @type {string | null} */
  let before = null;
  /** The unit of another layer that the user has chosen, until its layer is there. @type {{layer: string, unit: number} | null} */
  let wanted = null;

  /** @param {number} place */
  function open(place) {
    const unit = state.units?.[place];
    if (unit === undefined) return;
    if (state._store?.opens === false) board.highlight(place);
    else session.perform("open", { unit });
  }

  /** Shows a unit of any layer. @param {string} layer @param {number} unit */
  function goTo(layer, unit) {
    if (layer === state.layer) return board.highlight(state.units.indexOf(unit));
    wanted = { layer, unit };
    session.perform("set", { layer });
  }

  function look() {
    detail.show(state, board.looked);
  }

  function search() {
    query = tools.query;
    if (parseQuery(query).comparisons.length && realCells.offered) realCells.compare();
    arrange();
    elsewhere.search(query, state);
    if (query) context.announce(gridText.found(found().length));
  }

  /** Places of the channels that match the search. */
  function found() {
    return filterCells(state.units ?? [], state.labels ?? [], query, { layer: state.layer, figures: state._figures });
  }

  /** Why the comparisons of a search find nothing. @param {string} figure */
  function whyNone(figure) {
    if (!state._image_source) return gridText.noImages(figure);
    const known = state._figures?.[figure];
    if (Array.isArray(known)) return known.every((each) => each === null) ? gridText.noFigure(figure) : "";
    return state._evidence_build?.state === "none" ? gridText.noSuchLayer : "";
  }

  function arrange() {
    const figures = state._figures ?? {};
    const { words, comparisons } = parseQuery(query);
    const [compared] = comparisons;
    const sort = compared?.figure ?? (words ? "channel" : (state.sort_by ?? "channel"));
    const options = { sort, hideDead: Boolean(state.hide_dead), smallest: Boolean(compared?.than.startsWith("<")) };
    const now = `${state._board} ${query} ${figures.id} ${options.sort} ${options.hideDead}`;
    const places = arrangeCells(found(), state.units ?? [], figures, options);
    setText(note, compared ? whyNone(compared.figure) : "");
    note.hidden = !note.textContent;
    nothing.hidden = places.length > 0;
    board.el.hidden = places.length === 0;
    board.show(places, state, now !== shown, compared?.figure ?? state.sort_by ?? "channel");
    shown = now;
    look();
  }

  return {
    el,
    label: (newest) => gridText.group(newest.model_name ?? "", newest.layer ?? ""),

    update(newest) {
      if (state._board !== undefined && newest._board !== state._board) {
        tools.clear();
        query = "";
        elsewhere.search("", newest);
      }
      state = newest;
      const { status, made, units = [] } = state;
      setText(title, state.model_name ?? "");
      title.title = state.model_name ?? "";
      pill.update(state);
      const store = state._store?.variants ? state._store : null;
      pill.el.toggleAttribute("hidden", store !== null);
      source.hidden = store === null;
      setText(source, store ? gridText.stored(store.name) : "");
      transport.el.hidden = store !== null;
      layers.update(state);
      tools.show(state, board);
      realCells.update(state);
      realTools.show(state);
      arrange();
      if (wanted?.layer === state.layer) {
        board.highlight(units.indexOf(wanted.unit));
        wanted = null;
      }
      const lost = units.filter((/** @type {number} */ _, /** @type {number} */ place) => cellImages.cell(place)?.state === FAILED).length;
      transport.show(state, lost);
      progress.update({ ...state, current_step: made, total_steps: units.length });
      if (store) setText(left, store.done < store.total ? gridText.storedSoFar(formatCount(store.done), formatCount(store.total)) : "");
      else setText(left, state.remaining === null || state.remaining === undefined ? (lost ? gridText.failed(lost) : "") : gridText.left(formatDuration(state.remaining)));
      const problem = status === "error" && state.error?.message !== undefined ? state.error : null;
      failed.show(problem);
      refused.show(problem ? null : session.refusal);
      chip.hidden = !(status === "compiling" || status === "queued");
      setText(/** @type {Element} */ (chip.lastElementChild), status === "queued" ? text.queued.title : gridText.loading);
      busyNotice.update();
      save.update();
      opened.hidden = !(state.opened_unit >= 0) && !state._opened_name;
      const name = state._opened_name || gridText.name(state.kind, state.opened_unit, state.labels?.[state.opened_unit] ?? "");
      setText(openedName, state._has_slot ? gridText.opened(name) : gridText.openedUnseen(name));
      if (before !== null && status !== before && (ACTIVE.has(before) !== ACTIVE.has(status) || status === "running")) {
        const { images, seconds } = state._estimate ?? {};
        context.announce(status === "paused" && images ? gridText.asks(made, images, formatRoughly(seconds)) : gridText.announce(status, made, units.length));
      }
      before = status;
    },
  };
}
