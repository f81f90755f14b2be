import { formatCount } from "../../core/text/format.js";
import { runFacts, runNames } from "../../core/run/run_names.js";
import { MOVED } from "../../core/run/run_differences.js";
import { parseReal, stepDecades } from "../../core/input/numbers.js";
import { text } from "../../core/text/common.js";
import { workbenchText } from "../../core/text/workbench.js";
import { createCheck } from "../controls/check.js";
import { createChoice } from "../controls/choice.js";
import { createNumberField } from "../controls/number_field.js";
import { createSettingsGroup, labeled, restartMark } from "./settings_group.js";
import { createSegmented } from "../controls/segmented.js";
import { createStartImageField } from "./start_image_field.js";
import { createStrengthField } from "./strength_field.js";
import { h, setValue } from "../base/dom.js";

/** The limits are the same as in Python, which validates again. */
const IMAGE_SIZE_MIN = 8;
const IMAGE_SIZE_MAX = 2048;
const OPTIMIZERS = ["Adam", "AdamCosine", "Nadam", "Adamax", "RMSprop", "Lion", "SGD"];

/** Image settings: size, batch, representation, colors and start image. @param {import("../../widget.js").Context} context */
function createImagePanel(context) {
  const [min, max] = [formatCount(IMAGE_SIZE_MIN), formatCount(IMAGE_SIZE_MAX)];
  const size = createNumberField(context, { name: "image_size", label: text.size, tip: text.sizeTip(min, max), min: IMAGE_SIZE_MIN, max: IMAGE_SIZE_MAX, step: 8, page: 64 });
  const batch = createNumberField(context, { name: "batch", label: text.batch, tip: text.batchTip, min: 1, max: 64, page: 4 });
  const made = createSegmented(context, { name: "parameterization", label: workbenchText.parameterization, choices: workbenchText.parameterizations, tips: workbenchText.parameterizationTips });
  const decorrelate = createCheck(context, { name: "decorrelate", label: workbenchText.decorrelate, tip: workbenchText.decorrelateTip, after: [restartMark()] });
  const alpha = createCheck(context, { name: "alpha", label: workbenchText.alpha, tip: workbenchText.alphaTip, after: [restartMark()] });
  const colors = h("div", { class: "lucidw-wide lucidw-checks", "data-trait": "alpha" }, decorrelate.el, alpha.el);
  const start = createStartImageField(context);
  const limits = h("p", { class: "lucidw-note lucidw-wide", hidden: true }, "");
  const sized = labeled("image_size", text.size, size, { restarts: true });
  const volumes = h("p", { class: "lucidw-note lucidw-wide", hidden: true, "data-lucidw": "volume-size" }, "");
  const panel = createSettingsGroup({
    name: "image",
    label: text.image,
    open: true,
    traits: ["image_size", "batch", "parameterization", "decorrelate", "alpha", "start_image"],
    owner: "param_f",
    fields: [
      sized,
      volumes,
      labeled("batch", text.batch, batch, { restarts: true }),
      labeled("parameterization", workbenchText.parameterization, made, { wide: true, restarts: true, tag: "div" }),
      colors,
      start.el,
      limits,
    ],
  });
  return {
    el: panel.el,
    start,

    /** @param {WidgetState} state */
    update(state) {
      size.show(state.image_size);
      batch.show(state.batch);
      made.show(state.parameterization);
      decorrelate.show(state.decorrelate);
      alpha.show(state.alpha);
      start.update(state);
      const sides = (state._volume ?? []).map(formatCount).join(" × ");
      const words = sides ? (state.batch > 1 ? text.many(state.batch, sides) : sides) : text.imageSummary(formatCount(state.image_size), state.batch);
      const kind = workbenchText.parameterizations[/** @type {"fourier"} */ (state.parameterization)] ?? state.parameterization;
      panel.update(state, `${words}, ${kind}`);
      const fixed = state._set_in_code?.includes("image_size");
      if (sides) sized.hidden = true;
      volumes.hidden = !sides || fixed;
      volumes.textContent = sides ? workbenchText.volumeSize(sides) : "";
      const note = workbenchText.noColors[/** @type {"cppn"} */ (state.parameterization)];
      const painted = note !== undefined;
      limits.hidden = !painted || fixed;
      limits.textContent = note ?? "";
      decorrelate.el.hidden = painted;
      if (painted) start.el.hidden = true;
      else if (!fixed) start.el.hidden = false;
    },
  };
}

/** Random transforms that the image must be robust to. @param {import("../../widget.js").Context} context */
function createRobustPanel(context) {
  const how = createSegmented(context, { name: "robust_to", label: workbenchText.jitterLabel, choices: workbenchText.robustTo, tips: workbenchText.robustTips });
  const strengths = {
    shift: createStrengthField(context, { name: "shift", max: 24, usual: 6 }),
    scale: createStrengthField(context, { name: "scale", max: 50, usual: 0.1, unit: 0.01 }),
    rotate: createStrengthField(context, { name: "rotate", max: 45, usual: 10 }),
  };
  const names = /** @type {const} */ (["shift", "scale", "rotate"]);
  const moves = h("div", { class: "lucidw-wide lucidw-strengths", "data-trait": "shift" }, ...names.map((name) => strengths[name].el));
  const choice = h("div", { class: "lucidw-wide", "data-trait": "robust_to" }, how.el, how.problem);
  const panel = createSettingsGroup({ name: "robust", label: workbenchText.jitter, open: true, traits: ["robust_to", "shift"], owner: "transforms", fields: [choice, moves] });
  return {
    el: panel.el,

    /** @param {WidgetState} state */
    update(state) {
      how.show(state.robust_to);
      for (const name of names) strengths[name].show(state[name]);
      const on = names.filter((name) => state[name] > 0).map((name) => workbenchText[name]);
      const words = state.robust_to === "affine" ? on.join(", ") || workbenchText.robustTo.nothing : workbenchText.robustTo[/** @type {"standard"} */ (state.robust_to)];
      panel.update(state, words ?? "");
      if (!MOVED.includes(state.robust_to)) moves.hidden = true;
    },
  };
}

/** Optimizer settings: algorithm, learning rate, steps and seed. @param {import("../../widget.js").Context} context */
function createOptimizerPanel(context) {
  const method = createChoice(context, { name: "optimizer", label: workbenchText.method, tip: workbenchText.methodTip, choices: OPTIMIZERS });
  const decades = { parse: parseReal, move: stepDecades, complaint: workbenchText.notNumber };
  const rate = createNumberField(context, { name: "learning_rate", label: workbenchText.rate, tip: workbenchText.rateTip, min: 1e-6, max: 1e6, kind: decades });
  const steps = createNumberField(context, { name: "steps", label: text.steps, tip: text.stepsTip, min: 1, step: 16, page: 128 });
  const seed = createNumberField(context, { name: "seed", label: text.seed, tip: text.seedTip, min: 0 });
  const panel = createSettingsGroup({
    name: "optimizer",
    label: workbenchText.optimizer,
    traits: ["optimizer", "learning_rate"],
    owner: "optimizer",
    fields: [
      labeled("optimizer", workbenchText.method, method, { restarts: true }),
      labeled("learning_rate", workbenchText.rate, rate),
      labeled("steps", text.steps, steps),
      labeled("seed", text.seed, seed, { restarts: true }),
    ],
  });
  return {
    el: panel.el,

    /** @param {WidgetState} state */
    update(state) {
      method.show(state.optimizer);
      rate.show(state.learning_rate);
      steps.show(state.steps);
      seed.show(state.seed);
      panel.update(state, workbenchText.optimizerSummary(state.optimizer, state.steps));
    },
  };
}

/** Display settings: zoom, pixels, batch images and comparison. @param {import("../../widget.js").Context} context @param {import("./run_comparison.js").RunComparison} compare */
function createDisplayPanel(context, compare) {
  const zoom = createSegmented(context, { name: "zoom", label: workbenchText.zoom, choices: workbenchText.zooms, tips: workbenchText.zoomTips });
  const pixels = createCheck(context, { name: "pixelated", label: workbenchText.sharpPixels, tip: text.pixelated, part: "whole-pixels" });
  const shown = createChoice(context, { name: "shown", label: workbenchText.shown, tip: workbenchText.shownTip, read: Number });
  const one = labeled("shown", workbenchText.shown, shown, { wide: true });
  const other = h("select", { class: "lucidw-input lucidw-choice", "aria-label": workbenchText.compareWith, title: workbenchText.compareTip, "data-lucidw": "compare-with" });
  context.on(other, "change", () => compare.show(Number(other.value) || null));
  const nothing = h("p", { hidden: true });
  const panel = createSettingsGroup({
    name: "display",
    label: workbenchText.display,
    traits: [],
    owner: "",
    fields: [
      labeled("zoom", workbenchText.zoom, zoom, { wide: true, tag: "div" }),
      h("div", { class: "lucidw-wide" }, pixels.el),
      one,
      labeled("compare", workbenchText.compareWith, { el: other, problem: nothing }, { wide: true }),
    ],
  });
  /** @type {unknown} */
  let listed = null;
  let count = 0;
  return {
    el: panel.el,

    /** @param {WidgetState} state */
    update(state) {
      zoom.show(state.zoom);
      pixels.show(state.pixelated);
      one.hidden = state.batch < 2;
      if (state.batch !== count) {
        count = state.batch;
        const each = Array.from({ length: count }, (_, i) => /** @type {[string, string]} */ ([String(i), workbenchText.oneImage(i + 1, count)]));
        shown.offer([["-1", workbenchText.allImages], ...each]);
      }
      shown.show(state.shown);
      if (state.runs !== listed) {
        listed = state.runs;
        const names = runNames(state.runs ?? [], state.model_name);
        const options = (state.runs ?? []).map((/** @type {import("../../core/run/run_differences.js").Run} */ run) => h("option", { value: run.id }, [names.get(run.id)?.name, runFacts(run)].filter(Boolean).join(" · ")));
        other.replaceChildren(h("option", { value: 0 }, workbenchText.compareNone), ...options);
      }
      setValue(other, String(compare.current ?? 0));
      const words = workbenchText.zooms[/** @type {"fit"} */ (state.zoom)] ?? "";
      panel.update(state, state.pixelated ? `${words}, ${workbenchText.sharpPixels}` : words);
    },
  };
}

/**
 * All settings, in groups that fold.
 * @param {import("../../widget.js").Context} context
 * @param {import("./run_comparison.js").RunComparison} compare
 */
export function createSettings(context, compare) {
  const image = createImagePanel(context);
  const panels = [image, createRobustPanel(context), createOptimizerPanel(context), createDisplayPanel(context, compare)];
  return {
    el: h("div", { class: "lucidw-settings" }, ...panels.map((panel) => panel.el)),
    /** Opens the browser's file dialog for a start image. */
    chooseStart: image.start.choose,

    /** @param {WidgetState} state */
    update(state) {
      for (const panel of panels) panel.update(state);
    },
  };
}
