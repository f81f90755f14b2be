import { toBytes } from "../../core/wire/bytes.js";
import { formatCount, formatObjective } from "../../core/text/format.js";
import { runFacts, runNames } from "../../core/run/run_names.js";
import { workbenchText } from "../../core/text/workbench.js";
import { h } from "../base/dom.js";

/**
 * The run history: thumbnails of earlier runs with their settings. Selecting one compares it with the current image.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./run_comparison.js").RunComparison} compare
 */
export function createRunHistory(context, compare) {
  const { session, signal, on, id } = context;
  const title = h("span", { class: "lucidw-heading", id: id("runs") }, workbenchText.runs);
  const list = h("div", { class: "lucidw-runs-list", role: "listbox", "aria-labelledby": id("runs"), "aria-orientation": "horizontal", "data-lucidw": "runs", title: workbenchText.runsTip });
  const el = h("div", { class: "lucidw-runs", hidden: true }, title, list);
  /** @type {import("../../core/run/run_differences.js").Run[]} */
  let runs = [];
  /** @type {ReturnType<typeof runNames>} */
  let names = new Map();
  /** @type {unknown} */
  let shown = null;
  /** @type {string | undefined} */
  let network;
  let url = "";

  /** @param {import("../../core/run/run_differences.js").Run} run @param {number} index */
  function card(run, index) {
    const thumbnail = h("span", { class: "lucidw-run-image" });
    thumbnail.style.backgroundImage = `url("${url}")`;
    thumbnail.style.backgroundSize = `${runs.length * 100}% 100%`;
    thumbnail.style.backgroundPosition = `${runs.length > 1 ? (index / (runs.length - 1)) * 100 : 0}% 0`;
    const { objective, more, name } = names.get(run.id) ?? { objective: "", more: "", name: "" };
    const title = h("span", { class: "lucidw-run-name" }, objective, h("span", { class: "lucidw-run-more" }, more));
    const words = h("span", { class: "lucidw-run-words" }, title, h("span", { class: "lucidw-run-facts" }, runFacts(run)));
    const option = h("div", { class: "lucidw-run", role: "option", "data-run": run.id }, thumbnail, words);
    const size = `${workbenchText.runSize(formatCount(run.image_size), run.batch)}, ${workbenchText.runSteps(run.step)}`;
    option.title = [name, run.expression, size, workbenchText.runSeed(run.seed), workbenchText.runObjective(formatObjective(run.objective))].join("\n");
    return option;
  }

  function mark() {
    const focus = runs.some((run) => run.id === compare.current) ? compare.current : runs.at(-1)?.id;
    for (const option of list.children) {
      const number = Number(option.getAttribute("data-run"));
      option.setAttribute("aria-selected", String(number === compare.current));
      option.setAttribute("tabindex", number === focus ? "0" : "-1");
    }
  }

  function draw() {
    const focused = list.contains(document.activeElement);
    if (url) URL.revokeObjectURL(url);
    url = URL.createObjectURL(new Blob([toBytes(session.get("_runs_sheet"))], { type: "image/webp" }));
    list.replaceChildren(...runs.map(card));
    mark();
    list.scrollLeft = list.scrollWidth;
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector('[tabindex="0"]'))?.focus({ preventScroll: true });
  }

  /** @param {number | undefined} number */
  function choose(number) {
    if (number !== undefined) compare.show(number === compare.current ? null : number);
  }

  on(list, "click", (event) => {
    const option = /** @type {HTMLElement} */ (event.target).closest("[data-run]");
    if (option) choose(Number(option.getAttribute("data-run")));
  });
  on(list, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const option = /** @type {HTMLElement} */ (event.target);
    const at = runs.findIndex((run) => run.id === Number(option.dataset.run));
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return choose(runs[at]?.id);
    }
    if (event.key === "Escape" && compare.current !== null) {
      event.preventDefault();
      return compare.show(null);
    }
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: runs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = /** @type {HTMLElement | undefined} */ (list.children[Math.max(0, Math.min(runs.length - 1, to))]);
    for (const each of list.children) each.setAttribute("tabindex", each === next ? "0" : "-1");
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  signal.addEventListener("abort", () => {
    if (url) URL.revokeObjectURL(url);
  });

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      el.hidden = !state.runs?.length;
      if (state.runs === shown && state.model_name === network) return mark();
      shown = state.runs;
      network = state.model_name;
      runs = state.runs ?? [];
      names = runNames(runs, network);
      if (runs.length) draw();
    },
  };
}
