import { parseReal } from "../../core/input/numbers.js";
import { nextWeight, parseChannels, parseVector, randomVector, writeReal, writeVector } from "../../core/input/term_values.js";
import { parseWhole, stepNumber } from "../../core/input/numbers.js";
import { text } from "../../core/text/common.js";
import { builderText } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { createChannelField } from "./channel_field.js";
import { createLabelField } from "../controls/label_field.js";
import { createImageField } from "./image_field.js";
import { createTypedField } from "../controls/typed_field.js";
import { h, setText } from "../base/dom.js";

/** @typedef {import("../../core/input/term_values.js").Term} Term */
/** @typedef {import("../../core/input/term_values.js").Field} Field */
/** @typedef {import("../../core/objective/layer_search.js").Layer} Layer */

/**
 * The place of a field in a term, passed to its factory.
 * @typedef {object} Place
 * @property {Field} field
 * @property {string} name unique on this view
 * @property {(value: any) => Promise<unknown>} apply sends a value
 * @property {(upload: object) => Promise<unknown>} upload sends one part of a file
 * @property {(layer: string) => Layer | undefined} layerOf
 * @property {() => void} browse shows the list of layers
 */

/**
 * @typedef {object} FieldView
 * @property {HTMLElement} el
 * @property {HTMLElement} [problem]
 * @property {boolean} [wide] whether the field takes a whole line
 * @property {(value: any, term: Term, state: Record<string, any>) => void} show
 */

/** A field for an argument of a term. @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
export function createTermField(context, place) {
  const make = MAKERS[place.field.type] ?? onlyFromPython;
  return make(context, place);
}

/** @type {Record<string, (context: import("../../widget.js").Context, place: Place) => FieldView>} */
const MAKERS = { layer, channel, channels, label, text: prompt, vector, image, whole, real };

/** @param {Place} place */
function common({ field, name, apply }) {
  return { name, part: `field-${field.name}`, label: builderText.field(field.name), tip: builderText.fieldTip(field.name), apply };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function layer(context, place) {
  const { part, label: caption } = common(place);
  const value = h("span", { class: "lucidw-name" });
  const about = h("span", { class: "lucidw-layer-about" });
  const el = h("button", { type: "button", class: "lucidw-layer-button", "data-lucidw": part, title: builderText.layerTip }, h("span", { class: "lucidw-visually-hidden" }, `${caption}: `), value, " ", about);
  context.on(el, "click", place.browse);
  return {
    el,
    wide: true,
    show(name) {
      const found = name === "input" ? undefined : place.layerOf(name);
      setText(value, name === "input" ? builderText.inputImage : name || builderText.chooseLayer);
      const sees = found?.receptive_field ? `${found.receptive_field} px` : "";
      setText(about, found ? [found.kind, found.channels ?? "", sees].filter(Boolean).join(" · ") : "");
    },
  };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function channel(context, place) {
  const view = createChannelField(context, common(place));
  return {
    el: view.el,
    problem: view.problem,
    wide: true,
    show: (value, term) => view.show(value, place.layerOf(term.arguments[place.field.of])?.channels ?? null),
  };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function channels(context, place) {
  const view = createTypedField(context, {
    ...common(place),
    read(typed) {
      const value = parseChannels(typed);
      return value ? { value } : { message: builderText.notChannels };
    },
    write: (/** @type {number[] | null} */ value) => (value ?? []).join(", "),
  });
  return { ...view, wide: true };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function label(context, place) {
  const view = createLabelField(context, common(place));
  return { el: view.el, problem: view.problem, wide: true, show: (value, _, state) => view.show(value ?? null, state._labels ?? []) };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function prompt(context, place) {
  const view = createTypedField(context, {
    ...common(place),
    long: true,
    read: (typed) => ({ value: typed.trim() || null }),
    write: (/** @type {string | null} */ value) => value ?? "",
  });
  return { ...view, wide: true };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function vector(context, place) {
  /** @type {number | null} */
  let count = null;
  const view = createTypedField(context, {
    ...common(place),
    long: true,
    placeholder: "30: 1, 60: -0.5",
    read(typed) {
      const { vector: value, problem, at } = parseVector(typed, count);
      if (value) return { value };
      if (problem === "range") return { message: builderText.outside(at ?? 0, (count ?? 1) - 1) };
      return { message: problem === "unknown" ? builderText.needsChannels : builderText.notVector };
    },
    write: (/** @type {number[] | null} */ value) => (value ? writeVector(value) : ""),
  });
  const random = createButton(context, {
    name: `field-${place.field.name}-random`,
    label: builderText.random,
    tip: builderText.randomTip,
    glyph: "dice",
    press: () => view.move(randomVector(count ?? 0), { now: true }),
  });
  return {
    el: h("div", { class: "lucidw-vector" }, view.el, random.el),
    problem: view.problem,
    wide: true,
    show(value, term) {
      count = place.layerOf(term.arguments[place.field.of])?.channels ?? null;
      random.el.hidden = !count;
      view.show(/** @type {any} */ (Array.isArray(value) ? value : null));
    },
  };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function image(context, place) {
  const { name, part, label: caption } = common(place);
  const view = createImageField(context, { name, part, label: caption, send: place.upload });
  return { ...view, wide: true, show: (value) => view.show(value ?? null) };
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function whole(context, place) {
  const { optional, name } = place.field;
  const center = ["x", "y", "depth", "row", "column"].includes(name);
  const empty = name === "batch" ? builderText.all : center ? builderText.center : builderText.none;
  return createTypedField(context, {
    ...common(place),
    placeholder: optional ? empty : "",
    read(typed) {
      if (optional && !typed.trim()) return { value: null };
      const value = parseWhole(typed);
      return value !== null && value >= 0 ? { value } : { message: text.notWhole };
    },
    write: (/** @type {number | null} */ value) => (value === null || value === undefined ? "" : String(value)),
    step: (value, key) => stepNumber(key, value ?? -1, { min: 0, max: null }),
  });
}

/** @param {import("../../widget.js").Context} context @param {Place} place @returns {FieldView} */
function real(context, place) {
  const linear = place.field.name === "constant" || place.field.name === "C";
  return createTypedField(context, {
    ...common(place),
    read(typed) {
      const value = parseReal(typed);
      return value === null ? { message: builderText.notNumber } : { value };
    },
    write: writeReal,
    step(/** @type {number} */ value, key) {
      const direction = /** @type {const} */ ({ ArrowUp: 1, ArrowDown: -1 })[key];
      if (!direction) return null;
      return linear ? Number((value + 0.1 * direction).toFixed(6)) : nextWeight(value, direction);
    },
  });
}

/** A read-only field for a value that can only be set in Python. @returns {FieldView} */
function onlyFromPython() {
  const el = h("span", { class: "lucidw-from-python" });
  return {
    el,
    show(value) {
      const size = Array.isArray(value) ? value.join(" × ") : value?.shape ? builderText.fromPython(value.shape.join(" × ")) : builderText.none;
      setText(el, size);
    },
  };
}
