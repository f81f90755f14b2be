import { formatCount } from "../../core/text/format.js";
import { differences } from "../../core/run/run_differences.js";
import { runFacts, runNames } from "../../core/run/run_names.js";
import { text } from "../../core/text/common.js";
import { workbenchText } from "../../core/text/workbench.js";
import { createClassPanel } from "../model/class_panel.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";

/** @typedef {ReturnType<typeof createRunComparison>} RunComparison */

/**
 * An earlier run next to the current image: its settings, how they differ from the current ones, and its actions.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{code: (run: number, name: string) => void}} actions
 */
export function createRunComparison(context, { code }) {
  const { session, signal, root } = context;
  const canvas = h("canvas", { role: "img", width: 0, height: 0, "data-lucidw": "compare-image" });
  const title = h("strong", {});
  const facts = h("span", { class: "lucidw-compare-facts" });
  const classes = createClassPanel(context, { part: "run-seen" });
  const differs = h("p", { class: "lucidw-compare-differs" });
  const close = createButton(context, { name: "compare-close", label: workbenchText.closeCompare, tip: workbenchText.closeCompare, glyph: "close", look: "lucidw-square", bare: true, press: () => show(null) });
  const act = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ tip, /** @type {import("../base/icons.js").IconName} */ glyph, /** @type {() => void} */ press) =>
    createButton(context, { name, label, tip, glyph, press }).el;
  const buttons = h(
    "div",
    { class: "lucidw-compare-buttons" },
    act("restore", workbenchText.restore, workbenchText.restoreTip, "reset", restore),
    act("run-save", workbenchText.saveRun, workbenchText.saveRunTip, "save", save),
    act("run-code", workbenchText.codeRun, workbenchText.runCodeTip, "code", () => current !== null && code(current, name)),
    createButton(context, { name: "run-delete", label: workbenchText.deleteRun, tip: workbenchText.deleteRunTip, glyph: "trash", look: "lucidw-square lucidw-delete-run", bare: true, press: forget }).el,
  );
  const el = h("section", { class: "lucidw-compare", "data-lucidw": "compare", hidden: true }, h("div", { class: "lucidw-compare-head" }, title, facts, close.el), canvas, classes.el, differs, buttons);
  /** @type {number | null} */
  let current = null;
  /** @type {WidgetState} */
  let known = /** @type {any} */ ({});
  let name = "";
  let url = "";
  let timer = 0;

  /** @param {number | null} run */
  async function show(run) {
    current = run;
    describe();
    session.touch();
    if (run === null) return;
    const answer = await session.perform("run_image", { run });
    const bytes = answer?.buffers[0];
    if (!bytes || current !== run || signal.aborted) return;
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    if (current === run && !signal.aborted) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
      canvas.dataset.run = String(run);
    }
    bitmap.close();
  }

  function describe() {
    const run = (known.runs ?? []).find((/** @type {import("../../core/run/run_differences.js").Run} */ each) => each.id === current);
    if (!run) current = null;
    // Classes of this image, by the network that made it.
    classes.show(known, run ? { key: [run.id, run.step], moving: false, follows: false, when: () => "" } : null);
    el.hidden = !run;
    root.classList.toggle("lucidw-comparing", Boolean(run));
    if (!run) return;
    name = runNames(known.runs ?? [], known.model_name).get(run.id)?.name ?? "";
    setText(title, name);
    setText(facts, runFacts(run, [text.pinnedAt(formatCount(run.step)), workbenchText.runSize(formatCount(run.image_size), run.batch)]));
    const others = differences(run, known);
    if (run.steered) others.push(workbenchText.runSteered);
    setText(differs, others.length ? workbenchText.runDiffers(others.join(", ")) : workbenchText.runSame);
    el.setAttribute("aria-label", name);
    canvas.setAttribute("aria-label", text.imageLabel(name, run.step));
    canvas.classList.toggle("lucidw-crisp", Boolean(known.pixelated));
  }

  async function restore() {
    const run = current;
    if (await session.perform("restore", { run })) show(null);
  }

  async function forget() {
    const run = current;
    show(null);
    await session.perform("forget_run", { run });
  }

  async function save() {
    const answer = await session.perform("run_image", { run: current });
    const bytes = answer?.buffers[0];
    if (!answer || !bytes || signal.aborted) return;
    release();
    url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    h("a", { href: url, download: String(answer.value?.filename || "run.png") }).click();
    timer = window.setTimeout(release, 8000);
  }

  function release() {
    clearTimeout(timer);
    if (url) URL.revokeObjectURL(url);
    url = "";
  }
  signal.addEventListener("abort", () => {
    release();
    canvas.width = canvas.height = 0;
  });

  return {
    el,
    show,
    /** Id of the run that is shown, or null. */
    get current() {
      return current;
    },

    /** @param {WidgetState} state */
    update(state) {
      known = state;
      describe();
    },
  };
}
