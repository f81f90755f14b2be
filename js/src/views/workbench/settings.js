import { formatCount } from "../../core/text/format.js";
import { parseReal, stepDecades } from "../../core/input/numbers.js";
import { text } from "../../core/text/common.js";
import { bench } from "../../core/text/workbench.js";
import { createCheck } from "../controls/check.js";
import { createChoice } from "../controls/choice.js";
import { createNumberField } from "../controls/number_field.js";
import { createPanel, labelled, startsOver } from "./settings_group.js";
import { createSegmented } from "../controls/segmented.js";
import { createStartImage } from "./start_image_field.js";
import { createStrength } from "./strength_field.js";
import { h } from "../base/dom.js";

/** The same as in Python, which has the last word. */
const IMAGE_SIZE_MIN = 8;
const IMAGE_SIZE_MAX = 2048;
const OPTIMIZERS = ["Adam", "Nadam", "Adamax", "RMSprop", "Lion", "SGD"];

/** What the image is: size, number, what it is made of, where it starts. @param {import("../../widget.js").Context} context */
function createImagePanel(context) {
  const [min, max] = [formatCount(IMAGE_SIZE_MIN), formatCount(IMAGE_SIZE_MAX)];
  const size = createNumberField(context, { name: "image_size", label: text.size, tip: text.sizeTip(min, max), min: IMAGE_SIZE_MIN, max: IMAGE_SIZE_MAX, step: 8, page: 64 });
  const batch = createNumberField(context, { name: "batch", label: text.batch, tip: text.batchTip, min: 1, max: 64, page: 4 });
  const made = createSegmented(context, { name: "parameterization", label: bench.parameterization, choices: bench.parameterizations, tips: bench.parameterizationTips });
  const decorrelate = createCheck(context, { name: "decorrelate", label: bench.decorrelate, tip: bench.decorrelateTip, after: [startsOver()] });
  const alpha = createCheck(context, { name: "alpha", label: bench.alpha, tip: bench.alphaTip, after: [startsOver()] });
  const colours = h("div", { class: "lucidw-wide lucidw-checks", "data-trait": "alpha" }, decorrelate.el, alpha.el);
  const start = createStartImage(context);
  const cppn = h("p", { class: "lucidw-note lucidw-wide", hidden: true }, bench.noColours);
  const panel = createPanel({
    name: "image",
    label: text.image,
    open: true,
    traits: ["image_size", "batch", "parameterization", "decorrelate", "alpha", "start_image"],
    owner: "param_f",
    fields: [
      labelled("image_size", text.size, size, { anew: true }),
      labelled("batch", text.batch, batch, { anew: true }),
      labelled("parameterization", bench.parameterization, made, { wide: true, anew: true, tag: "div" }),
      colours,
      start.el,
      cppn,
    ],
  });
  return {
    el: panel.el,
    start,

    /** @param {Record<string, any>} state */
    update(state) {
      size.show(state.image_size);
      batch.show(state.batch);
      made.show(state.parameterization);
      decorrelate.show(state.decorrelate);
      alpha.show(state.alpha);
      start.update(state);
      const words = text.imageSummary(formatCount(state.image_size), state.batch);
      const kind = bench.parameterizations[/** @type {"fourier"} */ (state.parameterization)] ?? state.parameterization;
      panel.update(state, `${words}, ${kind}`);
      const fixed = state.set_in_code?.includes("image_size");
      const painted = state.parameterization === "cppn";
      cppn.hidden = !painted || fixed;
      decorrelate.el.hidden = painted;
      if (painted) start.el.hidden = true;
      else if (!fixed) start.el.hidden = false;
    },
  };
}

/** What the image must look the same under. @param {import("../../widget.js").Context} context */
function createRobustPanel(context) {
  const how = createSegmented(context, { name: "robust_to", label: bench.robustHow, choices: bench.robustTo, tips: bench.robustTips });
  const strengths = {
    shift: createStrength(context, { name: "shift", max: 24, usual: 6 }),
    scale: createStrength(context, { name: "scale", max: 50, usual: 0.1, unit: 0.01 }),
    rotate: createStrength(context, { name: "rotate", max: 45, usual: 10 }),
  };
  const names = /** @type {const} */ (["shift", "scale", "rotate"]);
  const moves = h("div", { class: "lucidw-wide lucidw-strengths", "data-trait": "shift" }, ...names.map((name) => strengths[name].el));
  const choice = h("div", { class: "lucidw-wide", "data-trait": "robust_to" }, how.el, how.problem);
  const panel = createPanel({ name: "robust", label: bench.robust, open: true, traits: ["robust_to", "shift"], owner: "transforms", fields: [choice, moves] });
  return {
    el: panel.el,

    /** @param {Record<string, any>} state */
    update(state) {
      how.show(state.robust_to);
      for (const name of names) strengths[name].show(state[name]);
      const on = names.filter((name) => state[name] > 0).map((name) => bench[name]);
      const words = state.robust_to === "affine" ? on.join(", ") || bench.robustTo.nothing : bench.robustTo[/** @type {"standard"} */ (state.robust_to)];
      panel.update(state, words ?? "");
      if (state.robust_to !== "affine") moves.hidden = true;
    },
  };
}

/** How the image is improved. @param {import("../../widget.js").Context} context */
function createOptimizerPanel(context) {
  const method = createChoice(context, { name: "optimizer", label: bench.method, tip: bench.methodTip, choices: OPTIMIZERS });
  const decades = { parse: parseReal, move: stepDecades, complaint: bench.notNumber };
  const rate = createNumberField(context, { name: "learning_rate", label: bench.rate, tip: bench.rateTip, min: 1e-6, max: 1e6, kind: decades });
  const steps = createNumberField(context, { name: "steps", label: text.steps, tip: text.stepsTip, min: 1, step: 16, page: 128 });
  const seed = createNumberField(context, { name: "seed", label: text.seed, tip: text.seedTip, min: 0 });
  const panel = createPanel({
    name: "optimizer",
    label: bench.optimizer,
    traits: ["optimizer", "learning_rate"],
    owner: "optimizer",
    fields: [
      labelled("optimizer", bench.method, method, { anew: true }),
      labelled("learning_rate", bench.rate, rate),
      labelled("steps", text.steps, steps),
      labelled("seed", text.seed, seed, { anew: true }),
    ],
  });
  return {
    el: panel.el,

    /** @param {Record<string, any>} state */
    update(state) {
      method.show(state.optimizer);
      rate.show(state.learning_rate);
      steps.show(state.steps);
      seed.show(state.seed);
      panel.update(state, bench.optimizerSummary(state.optimizer, formatCount(state.steps)));
    },
  };
}

/** How the picture is shown. @param {import("../../widget.js").Context} context @param {import("./run_comparison.js").Compare} compare */
function createDisplayPanel(context, compare) {
  const zoom = createSegmented(context, { name: "zoom", label: bench.zoom, choices: bench.zooms, tips: bench.zoomTips });
  const pixels = createCheck(context, { name: "pixelated", label: bench.wholePixels, tip: text.pixelated, part: "whole-pixels" });
  const shown = createChoice(context, { name: "shown", label: bench.shown, tip: bench.shownTip, read: Number });
  const one = labelled("shown", bench.shown, shown, { wide: true });
  const other = h("select", { class: "lucidw-input lucidw-choice", "aria-label": bench.compareWith, title: bench.compareTip, "data-lucidw": "compare-with" });
  context.on(other, "change", () => compare.show(Number(other.value) || null));
  const nothing = h("p", { hidden: true });
  const panel = createPanel({
    name: "display",
    label: bench.display,
    traits: [],
    owner: "",
    fields: [
      labelled("zoom", bench.zoom, zoom, { wide: true, tag: "div" }),
      h("div", { class: "lucidw-wide" }, pixels.el),
      one,
      labelled("compare", bench.compareWith, { el: other, problem: nothing }, { wide: true }),
    ],
  });
  /** @type {unknown} */
  let listed = null;
  let count = 0;
  return {
    el: panel.el,

    /** @param {Record<string, any>} state */
    update(state) {
      zoom.show(state.zoom);
      pixels.show(state.pixelated);
      one.hidden = state.batch < 2;
      if (state.batch !== count) {
        count = state.batch;
        const each = Array.from({ length: count }, (_, i) => /** @type {[string, string]} */ ([String(i), bench.oneImage(i + 1, count)]));
        shown.offer([["-1", bench.allImages], ...each]);
      }
      shown.show(state.shown);
      if (state.runs !== listed) {
        listed = state.runs;
        const options = (state.runs ?? []).map((/** @type {import("../../core/run/run_differences.js").Run} */ run) => h("option", { value: run.id }, `${bench.runName(run.id)} · ${run.expression}`));
        other.replaceChildren(h("option", { value: 0 }, bench.compareNone), ...options);
      }
      other.value = String(compare.current ?? 0);
      const words = bench.zooms[/** @type {"fit"} */ (state.zoom)] ?? "";
      panel.update(state, state.pixelated ? `${words}, ${bench.wholePixels}` : words);
    },
  };
}

/**
 * The settings, in groups named in the person's words.
 * @param {import("../../widget.js").Context} context
 * @param {import("./run_comparison.js").Compare} compare
 */
export function createSettings(context, compare) {
  const image = createImagePanel(context);
  const panels = [image, createRobustPanel(context), createOptimizerPanel(context), createDisplayPanel(context, compare)];
  return {
    el: h("div", { class: "lucidw-settings" }, ...panels.map((panel) => panel.el)),
    /** Opens the browser's file dialog for a picture to start from. */
    chooseStart: image.start.choose,

    /** @param {Record<string, any>} state */
    update(state) {
      for (const panel of panels) panel.update(state);
    },
  };
}
