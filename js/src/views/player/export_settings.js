import { parseReal, parseWhole, clamp } from "../../core/input/numbers.js";
import { formatCount } from "../../core/text/format.js";
import { playerText } from "../../core/text/player.js";
import { h, setValue } from "../base/dom.js";

const words = playerText.settings;

/** Formats that Python writes, and the settings that each of them has. @type {Record<string, string[]>} */
export const SETTINGS = {
  gif: ["size", "fps", "mode", "hold", "range", "dither"],
  webp: ["size", "fps", "mode", "hold", "range"],
  "webp-lossless": ["size", "fps", "mode", "hold", "range"],
  apng: ["size", "fps", "mode", "hold", "range"],
  mp4: ["size", "fps", "mode", "hold", "range"],
  html: ["size", "fps", "mode", "range"],
  sheet: ["size", "fps", "mode", "range"],
  css: ["size", "fps", "mode", "range"],
};
const DITHERS = ["soft", "floyd-steinberg", "ordered", "none"];
const MODES = ["loop", "alternate", "once"];
/** Longer sides in pixels that are offered in addition to that of the frames. */
const SIDES = [64, 128, 256, 512, 1024];

/** @typedef {{count: number, width: number, height: number}} Extent the number of frames and their size; zeros if unknown */

/**
 * The settings of an export: size, speed, range, and how the animation plays.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {() => Record<string, any>} options.defaults values of fps and mode until the user changes them
 * @param {() => Extent} options.extent
 * @param {() => void} options.changed
 */
export function createExportSettings({ on, id }, { defaults, extent, changed }) {
  const size = select("size", []);
  const fps = number("fps", { min: 0.1, max: 120, whole: false });
  const mode = select("mode", MODES.map((value) => [value, words.modes[value] ?? value]));
  const hold = number("hold", { min: 0, max: 30, whole: false });
  const first = number("first", { min: 1, max: () => Number(last.value) });
  const last = number("last", { min: () => Number(first.value), max: () => extent().count });
  const dither = select("dither", DITHERS.map((value) => [value, playerText.dithers[value] ?? value]));
  const range = h("span", { class: "lucidw-export-range" }, first, h("span", { "aria-hidden": "true" }, "–"), last);
  const fields = {
    size: field("size", size),
    fps: field("fps", fps),
    mode: field("mode", mode),
    hold: field("hold", hold),
    range: field("range", range),
    dither: field("dither", dither),
  };
  const el = h("div", { class: "lucidw-export-settings", role: "group", "aria-label": words.group }, ...Object.values(fields));
  /** Settings that the user has changed, so that they no longer follow the player. @type {Set<Element>} */
  const edited = new Set();
  let known = "";
  hold.value = "0";

  /** @param {keyof typeof words.tips} name @param {string[][]} pairs */
  function select(name, pairs) {
    const input = h("select", { class: "lucidw-input", "data-lucidw": name === "mode" ? "export-mode" : name, id: id(`export-${name}`), title: words.tips[name] });
    input.append(...pairs.map(([value = "", label = ""]) => h("option", { value }, label)));
    on(input, "change", () => {
      edited.add(input);
      changed();
    });
    return input;
  }

  /**
   * @param {keyof typeof words.tips} name
   * @param {{min: number | (() => number), max: number | (() => number), whole?: boolean}} limits
   */
  function number(name, { min, max, whole = true }) {
    const input = h("input", { type: "text", inputmode: whole ? "numeric" : "decimal", autocomplete: "off", class: "lucidw-input lucidw-number", "data-lucidw": `export-${name}`, id: id(`export-${name}`), "aria-label": words.labels[name] ?? name, title: words.tips[name] });
    const limit = (/** @type {number | (() => number)} */ value) => (typeof value === "function" ? value() : value);
    let before = "";
    on(input, "focus", () => (before = input.value));
    on(input, "change", () => {
      const typed = whole ? parseWhole(input.value) : parseReal(input.value);
      input.value = typed === null ? before : String(clamp(typed, limit(min), limit(max)));
      before = input.value;
      edited.add(input);
      changed();
    });
    on(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      input.value = String(clamp((parseReal(input.value) ?? 0) + step, limit(min), limit(max)));
      edited.add(input);
      changed();
    });
    return input;
  }

  /** @param {string} name @param {HTMLElement} control */
  function field(name, control) {
    const label = words.labels[name] ?? name;
    // A range has two inputs with names of their own.
    if (name === "range") return h("div", { class: "lucidw-export-field", role: "group", "aria-label": label }, h("span", {}, label), control);
    return h("div", { class: "lucidw-export-field" }, h("label", { for: control.id }, label), control);
  }

  function offerSizes() {
    const { width, height, count } = extent();
    const longer = Math.max(width, height);
    if (known === `${longer} ${count}`) return;
    known = `${longer} ${count}`;
    const sides = [...new Set([longer, ...SIDES])].filter((side) => side > 0 && (!longer || (side >= longer / 4 && side <= longer * 8))).sort((a, b) => a - b);
    size.replaceChildren(
      ...(longer ? [] : [h("option", { value: "" }, words.original)]),
      ...sides.map((side) => h("option", { value: side === longer ? "" : side }, side === longer ? words.originalPixels(formatCount(side)) : words.pixels(formatCount(side)))),
    );
    size.value = "";
    first.value = "1";
    last.value = String(count);
  }

  return {
    el,

    /** @param {string} format */
    show(format) {
      offerSizes();
      const now = defaults();
      if (!edited.has(fps)) setValue(fps, String(now.fps ?? 20));
      if (!edited.has(mode)) setValue(mode, now.mode ?? "loop");
      const shown = SETTINGS[format] ?? [];
      for (const [name, each] of Object.entries(fields)) each.hidden = !shown.includes(name) || (name === "range" && extent().count < 2);
      el.hidden = shown.length === 0;
    },

    /** The arguments for Python. @param {string} format */
    args(format) {
      offerSizes(); // the frames may have arrived since the settings were shown
      const shown = SETTINGS[format] ?? [];
      const { count } = extent();
      const held = Number(hold.value);
      const [from, to] = [Number(first.value) - 1, Number(last.value) - 1];
      return {
        format,
        ...(shown.includes("dither") ? { dither: dither.value } : {}),
        ...defaults(),
        fps: Number(fps.value),
        mode: mode.value,
        ...(size.value ? { size: Number(size.value) } : {}),
        ...(shown.includes("hold") && held > 0 ? { hold: held } : {}),
        ...(count > 1 && from > 0 ? { first: from } : {}),
        ...(count > 1 && to < count - 1 ? { last: to } : {}),
      };
    },

    /** Number of frames and seconds of the file; null if unknown. @param {string} format */
    length(format) {
      if (extent().count < 1) return null;
      const chosen = Number(last.value) - Number(first.value) + 1;
      const frames = mode.value === "alternate" && SETTINGS[format]?.includes("hold") ? Math.max(1, 2 * chosen - 2) : chosen;
      const held = SETTINGS[format]?.includes("hold") ? Number(hold.value) : 0;
      return { frames, seconds: frames / Number(fps.value) + held };
    },
  };
}
