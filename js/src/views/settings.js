import { formatCount } from "../core/format.js";
import { text } from "../core/strings.js";
import { createNumberField } from "./number_field.js";
import { h, setText } from "./dom.js";

/** The same as in Python, which has the last word. */
const IMAGE_SIZE_MIN = 8;
const IMAGE_SIZE_MAX = 2048;

/**
 * A group that folds; folded, it still says what is set in it.
 * @param {string} name
 * @param {string} label
 * @param {import("../widget.js").View["el"][]} fields
 */
function createGroup(name, label, fields) {
  const summary = h("span", { class: "lucidw-summary" });
  const el = h(
    "details",
    { class: "lucidw-group", open: true, "data-lucidw": `group-${name}` },
    h("summary", {}, h("span", {}, label), summary),
    h("div", { class: "lucidw-fields" }, ...fields),
  );
  return { el, summary };
}

/**
 * The numbers that shape a run, in groups named in the person's words.
 * @param {import("../widget.js").Context} context
 */
export function createSettings(context) {
  const min = formatCount(IMAGE_SIZE_MIN);
  const max = formatCount(IMAGE_SIZE_MAX);
  const fields = {
    image_size: createNumberField(context, {
      name: "image_size",
      label: text.size,
      tip: text.sizeTip(min, max),
      min: IMAGE_SIZE_MIN,
      max: IMAGE_SIZE_MAX,
      step: 8,
      page: 64,
    }),
    batch: createNumberField(context, { name: "batch", label: text.batch, tip: text.batchTip, min: 1, page: 4 }),
    steps: createNumberField(context, { name: "steps", label: text.steps, tip: text.stepsTip, min: 1, step: 16, page: 128 }),
    seed: createNumberField(context, { name: "seed", label: text.seed, tip: text.seedTip, min: 0 }),
  };

  /** @param {keyof typeof fields} name @param {string} label */
  const labelled = (name, label) =>
    h("label", { class: "lucidw-field" }, h("span", {}, label), fields[name].el, fields[name].problem);
  const image = createGroup("image", text.image, [labelled("image_size", text.size), labelled("batch", text.batch)]);
  const run = createGroup("run", text.run, [labelled("steps", text.steps), labelled("seed", text.seed)]);

  return {
    el: h("div", { class: "lucidw-settings" }, image.el, run.el),

    /** @param {Record<string, any>} state */
    update(state) {
      for (const [name, field] of Object.entries(fields)) field.show(state[name]);
      setText(image.summary, text.imageSummary(formatCount(state.image_size), state.batch));
      setText(run.summary, text.runSummary(formatCount(state.steps), String(state.seed)));
    },
  };
}
