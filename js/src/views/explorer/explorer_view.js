import { explorerText } from "../../core/text/explorer.js";
import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { createBusyNotice } from "../controls/busy_notice.js";
import { createButton } from "../controls/button.js";
import { createErrorCard } from "../controls/error_card.js";
import { createRadioRow } from "../controls/radio_row.js";
import { createCodeDialog } from "../workbench/code_dialog.js";
import { createClassView } from "./class_view.js";
import { createFiresView } from "./fires_view.js";
import { createGroupsView } from "./groups_view.js";
import { heatOf } from "./heat.js";
import { createImagePanel } from "./image_panel.js";
import { createImageSource } from "./image_source.js";
import { createLayerSlider } from "./layer_slider.js";
import { createLook } from "./look.js";
import { createScoreList } from "./score_list.js";
import { createSeesView } from "./sees_view.js";

/** Traits that the explorer reads. @type {(keyof ImageExplorerTraits)[]} */
export const EXPLORER_TRAITS = [
  "status",
  "error",
  "_board",
  "_board_of",
  "_sheet",
  "_sheet_meta",
  "model_name",
  "image",
  "image_name",
  "layers",
  "layer",
  "position",
  "pins",
  "classes",
  "view",
  "method",
  "groups",
  "units",
  "opened_unit",
  "_opened_name",
  "_has_slot",
  "_stops",
  "_samples",
  "_pieces",
  "_scores",
  "_explained",
  "_places",
  "_activations",
  "_activations_meta",
  "_why",
  "_why_values",
  "_faith",
  "_found_groups",
  "_sees",
  "_group_maps",
  "_work",
  "_problem",
];

/**
 * An image on the left, with the positions of a layer over it, and one of several views of it on the right.
 * @param {import("../../widget.js").Context} context
 * @returns {import("../../widget.js").View}
 */
export function createExplorerView(context) {
  const { session } = context;
  const look = createLook(context);
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  let saved = "";
  /** Names of the views that were visible last. @type {Set<string>} */
  const seen = new Set();

  const title = h("strong", { class: "lucidw-title" });
  const facts = h("span", { class: "lucidw-explorer-summary" });
  const panel = createImagePanel(context, look, { choose, pin, unpin });
  const source = createImageSource(context);
  const slider = createLayerSlider(context);
  const scores = createScoreList(context, (classes) => session.perform("set", { classes }));
  const tabs = createRadioRow(context, { name: "view", label: explorerText.views, choices: explorerText.viewNames, tips: explorerText.viewTips, choose: (view) => session.set({ view }) });
  const grid = createSeesView(context, look, { choose });
  /** @type {Record<string, {el: HTMLElement, show: (state: WidgetState, visible: boolean) => void}>} */
  const views = {
    fires: createFiresView(context, look, { open, pin, unpin }),
    sees: grid,
    class: createClassView(context, look, { open }),
    groups: createGroupsView(context, look, { open }),
  };
  const working = h("div", { class: "lucidw-chip lucidw-explorer-working", role: "status", "data-lucidw": "work", hidden: true }, icon("spinner"), h("span"));
  const problem = createErrorCard(context, { title: explorerText.problem });
  problem.el.dataset.lucidw = "problem";
  const failed = createErrorCard(context, { again: () => session.perform("again") });
  const refused = createErrorCard(context, { title: text.refusedTitle, dismiss: () => session.dismiss() });
  refused.el.dataset.lucidw = "refused";
  const busy = createBusyNotice(context);
  const dialog = createCodeDialog(context, explorerText.codeTitle);
  const code = createButton(context, { name: "code", label: explorerText.code, tip: explorerText.codeTip, glyph: "code", press: () => dialog.open() });
  const save = createButton(context, { name: "save-view", label: explorerText.save, tip: explorerText.saveTip, glyph: "save", press: saveView });
  const hint = h("span", { class: "lucidw-explorer-note" }, explorerText.hint);
  const openedName = h("span");
  const close = createButton(context, { name: "close-opened", label: explorerText.close, tip: explorerText.closeTip, look: "lucidw-link", press: () => session.perform("close") });
  const opened = h("p", { class: "lucidw-explorer-opened", "data-lucidw": "opened", hidden: true }, openedName, close.el);
  const right = h("div", { class: "lucidw-explorer-right" }, tabs.el, problem.el, failed.el, refused.el, ...Object.values(views).map((view) => view.el), working, busy.el);
  const left = h("div", { class: "lucidw-explorer-left" }, panel.el, source.el, slider.el, scores.el);
  const footer = h("div", { class: "lucidw-explorer-footer" }, code.el, save.el, hint, opened);
  const el = h("div", { class: "lucidw-explorer" }, h("div", { class: "lucidw-explorer-header" }, title, facts), h("div", { class: "lucidw-explorer-body" }, left, right), footer);

  /** @param {[number, number]} position */
  function choose(position) {
    session.set({ position });
  }

  /** @param {[number, number]} position */
  function pin(position) {
    const pins = state.pins ?? [];
    if (pins.some((/** @type {number[]} */ each) => String(each) === String(position))) return unpin(position);
    session.set({ position, pins: [...pins, position].slice(-6) });
  }

  /** Removes one compared position, or all. @param {number[]} [position] */
  function unpin(position) {
    const pins = position ? (state.pins ?? []).filter((/** @type {number[]} */ each) => String(each) !== String(position)) : [];
    session.set({ pins });
  }

  async function saveView() {
    const canvas = (state.view === "sees" && grid.snapshot()) || panel.snapshot();
    const name = [state.model_name, state.layer, state.view].join(" ").match(/[\p{L}\p{N}_.]+/gu)?.join("-") || "image";
    const file = await canvas.convertToBlob({ type: "image/png" });
    if (context.signal.aborted) return;
    forget();
    saved = URL.createObjectURL(file);
    h("a", { href: saved, download: `${name}.png` }).click();
  }

  /** Releases the file that was saved last. The browser reads it after the click. */
  function forget() {
    if (saved) URL.revokeObjectURL(saved);
    saved = "";
  }
  context.signal.addEventListener("abort", forget, { once: true });

  /** @param {number} unit */
  function open(unit) {
    session.perform("open", { unit });
  }

  /** Draws what depends on where the user looks. */
  function draw() {
    panel.show(state, heatOf(state, look, state.view));
    const pieces = new Set(state._pieces ?? []);
    const shows = pieces.has("views") || pieces.has(state.view);
    for (const [name, view] of Object.entries(views)) {
      const visible = shows && name === state.view;
      view.el.hidden = !visible || Boolean(problemOf());
      if (visible || seen.has(name)) view.show(state, visible);
      if (visible) seen.add(name);
      else seen.delete(name);
    }
    setText(facts, summary());
  }

  function problemOf() {
    return state._problem?.message !== undefined ? state._problem : null;
  }

  function summary() {
    const places = look.places(state);
    const why = state._why;
    if (state.view === "class" && look.why(state)) {
      const error = why.error < 1 ? explorerText.complete(`${(100 * why.error).toFixed(1)} %`) : explorerText.incomplete;
      return `${state.layer}, ${(explorerText.methods[state.method] ?? "").toLowerCase()}${state.method === "integrated_gradients" ? ` · ${error}` : ""}`;
    }
    const [row = 0, column = 0] = look.position(state);
    const about = state.view === "fires" || state.view === "sees" || look.aimed(state);
    return places?.spatial && about ? `${state.layer} · ${explorerText.position(row, column)}` : state.layer;
  }

  look.subscribe(draw);
  context.on(panel.el, "lucidw-resized", draw);

  return {
    el,
    label: (newest) => explorerText.group(newest.model_name ?? "", newest.image_name ?? ""),

    update(newest) {
      state = newest;
      const pieces = new Set(state._pieces ?? []);
      setText(title, explorerText.title(state.model_name ?? "", state.image_name ?? ""));
      panel.el.hidden = !pieces.has("image");
      source.el.hidden = !pieces.has("image");
      slider.el.hidden = !pieces.has("layer");
      scores.el.hidden = !pieces.has("classes");
      left.hidden = left.firstElementChild === null || !["image", "layer", "classes"].some((piece) => pieces.has(piece));
      tabs.el.hidden = !pieces.has("views");
      right.hidden = !["views", "fires", "sees", "class", "groups"].some((piece) => pieces.has(piece));
      opened.hidden = !(state.opened_unit >= 0) && !state._opened_name;
      footer.hidden = !pieces.has("code") && Boolean(opened.hidden);
      code.el.hidden = save.el.hidden = !pieces.has("code");
      source.show(state);
      slider.show(state);
      scores.show(state);
      tabs.show(state.view);
      working.hidden = !state._work;
      setText(/** @type {Element} */ (working.lastElementChild), explorerText.work[state._work] ?? "");
      problem.show(problemOf());
      const error = state.status === "error" && state.error?.message !== undefined ? state.error : null;
      failed.show(problemOf() ? null : error);
      refused.show(session.refusal);
      busy.update();
      const shown = state._board_of === "groups" ? explorerText.groupName(state.opened_unit) : `${state.layer}:${state.opened_unit}`;
      const name = state._opened_name || shown;
      setText(openedName, state._has_slot ? explorerText.opened(name) : explorerText.openedUnseen(name));
      draw();
    },
  };
}

