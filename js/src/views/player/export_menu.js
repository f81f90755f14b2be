import { CommandError } from "../../core/wire/commands.js";
import { Cancelled, estimateByPython, exportByPython } from "../../core/wire/python_export.js";
import { formatCount } from "../../core/text/format.js";
import { playerText } from "../../core/text/player.js";
import { createButton } from "../controls/button.js";
import { createErrorCard } from "../controls/error_card.js";
import { filesOfPage } from "./export_files.js";
import { createExportSettings, SETTINGS } from "./export_settings.js";
import { h, setText } from "../base/dom.js";
import { createTrack } from "../base/track.js";

/** Formats that the page writes. */
const LOCAL = ["frame", "stored"];
/** Time in ms without a change after which Python estimates the size of the file. */
const ESTIMATE_AFTER = 400;

/**
 * Export dialog: a format, its settings, the estimated size, and Save. It opens under the controls. The page writes some
 * formats itself. Python encodes the others, with progress and a Cancel button, and the page downloads the result. All
 * of Python's formats are offered before it says which of them it can write, so that nothing changes under the pointer.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {() => string} options.name file name without extension
 * @param {() => Record<string, any>} options.options export options for Python, such as fps and mode
 * @param {() => import("./export_settings.js").Extent} options.extent
 * @param {(() => Promise<{sprites: import("./sprite_frames.js").SpriteFrames, frame: number}>) | null} [options.local] frames that are in the page
 * @param {string} [options.heading]
 * @param {string} [options.tip]
 * @param {Record<string, () => Promise<import("./export_files.js").FileToSave[] | void>>} [options.extra] further formats, listed after those of Python, and what returns or saves their files
 * @param {(format: string) => boolean} [options.has] whether there is something to save in this format now
 * @param {boolean} [options.freezes] whether the widget can be replaced by a still image
 */
export function createExportMenu(context, { name, options, extent, local = null, heading = playerText.exportHeading, tip = playerText.exportTip, extra = {}, has = () => true, freezes = false }) {
  const { session, signal, on, announce, id } = context;
  const button = createButton(context, { name: "export", label: playerText.export, tip, glyph: "save", press: toggle });
  button.el.setAttribute("aria-expanded", "false");
  const rows = h("div", { class: "lucidw-export-rows", role: "radiogroup", "aria-label": playerText.format });
  const settings = createExportSettings(context, { defaults: options, extent, changed: explain });
  const phrase = h("p", { class: "lucidw-export-phrase", "aria-hidden": "true" });
  const why = h("p", { class: "lucidw-export-why", role: "status" });
  const save = createButton(context, { name: "export-save", label: playerText.save, tip: playerText.saveTip, glyph: "save", look: "lucidw-primary", press: () => run(chosen) });
  const about = h("span", { class: "lucidw-export-about", "data-lucidw": "export-about" });
  const freeze = createButton(context, { name: "freeze", label: playerText.freeze, tip: playerText.freezeTip, press: () => session.perform("freeze") });
  freeze.el.hidden = true;
  const end = h("div", { class: "lucidw-export-end" }, save.el, about, freeze.el);
  const menu = h("div", { class: "lucidw-export", role: "group", "aria-label": heading, "data-lucidw": "export-menu", hidden: true }, h("p", { class: "lucidw-heading" }, heading), rows, phrase, settings.el, why, end);

  const track = createTrack();
  const doing = h("span", { class: "lucidw-export-doing" });
  const cancel = createButton(context, { name: "cancel", label: playerText.cancel, tip: playerText.cancel, press: () => job?.abort() });
  const progress = h("div", { class: "lucidw-export-progress", "data-lucidw": "export-progress", hidden: true }, doing, track.el, cancel.el);
  const said = h("span");
  const again = h("span", { class: "lucidw-export-again" });
  const dismiss = createButton(context, { name: "export-dismiss", label: playerText.dismiss, tip: playerText.dismiss, glyph: "close", look: "lucidw-square", bare: true, press: forget });
  const note = h("div", { class: "lucidw-export-note", role: "status", "data-lucidw": "exported", hidden: true }, said, again, dismiss.el);
  const failed = createErrorCard(context, { title: playerText.exportFailed, dismiss: () => failed.show(null) });
  failed.el.dataset.lucidw = "export-failed";

  /** @type {AbortController | null} */
  let job = null;
  /** @type {string[] | null} formats that Python can write; null until it has answered */
  let able = null;
  /** @type {string[]} */
  let urls = [];
  let chosen = "";
  /** Whether the user has chosen a format, so that a better one that becomes available does not replace it. */
  let decided = false;
  /** @type {unknown} */
  let timer = null;
  /** @type {AbortController | null} */
  let estimating = null;

  function toggle() {
    const open = menu.hidden;
    menu.hidden = !open;
    button.el.setAttribute("aria-expanded", String(open));
    stopEstimate();
    if (!open) return;
    draw();
    save.el.focus({ preventScroll: true });
    menu.scrollIntoView({ block: "nearest" });
    if (able === null && session.hasKernel()) {
      session.command("export_formats").then(
        ({ value }) => {
          able = value;
          if (!signal.aborted) draw();
        },
        () => undefined,
      );
    }
  }

  /** @param {string} format */
  function row(format) {
    const { name: title, about: phrase } = playerText.formats[format] ?? { name: format, about: "" };
    const input = h("input", { type: "radio", name: id("export-format"), value: format, "data-lucidw": `export-${format}` });
    return h("label", { class: "lucidw-export-row" }, input, h("strong", {}, title), h("span", {}, phrase));
  }

  function draw() {
    const python = able ?? (session.hasKernel() && session.kernelState !== "silent" ? Object.keys(SETTINGS) : []);
    // Python writes the sheet from the original frames, so the page's own sheet is offered only without Python.
    const own = local ? LOCAL.filter((format) => format !== "stored" || !python.length) : [];
    const shown = [...Object.keys(SETTINGS).filter((format) => python.includes(format)), ...Object.keys(extra), ...own].filter(has);
    const inputs = () => /** @type {HTMLInputElement[]} */ ([...rows.querySelectorAll("input")]);
    if (inputs().map(({ value }) => value).join() !== shown.join()) rows.replaceChildren(...shown.map(row));
    if (!decided || !shown.includes(chosen)) chosen = shown[0] ?? "";
    for (const input of inputs()) input.checked = input.value === chosen;
    freeze.el.hidden = !freezes || !python.some(has);
    explain();
  }

  on(rows, "change", (event) => {
    chosen = /** @type {HTMLInputElement} */ (event.target).value;
    decided = true;
    explain();
  });

  /** Describes the file of the chosen format, and says why other formats are not available. */
  function explain() {
    const { kernelState } = session;
    const missing = able !== null ? "" : session.offline ? playerText.needsPython : !session.hasKernel() || kernelState === "silent" ? playerText.needsKernel : kernelState === "busy" ? playerText.kernelBusy : "";
    setText(why, missing);
    why.hidden = !missing;
    settings.show(chosen);
    setText(phrase, playerText.formats[chosen]?.about ?? "");
    setText(save.caption, chosen ? playerText.saveAs(playerText.formats[chosen]?.name ?? chosen) : playerText.save);
    save.el.hidden = !chosen;
    estimate();
  }

  /** @param {number | null} bytes */
  function describe(bytes) {
    const length = SETTINGS[chosen] ? settings.length(chosen) : null;
    const parts = [
      ...(length ? [playerText.frames(length.frames), playerText.seconds(Number(length.seconds.toFixed(1)))] : []),
      ...(bytes === null ? [] : [playerText.estimate(size(bytes))]),
    ];
    setText(about, parts.join(" · "));
  }

  let estimatedFor = "";
  let estimated = 0;

  function estimate() {
    const args = SETTINGS[chosen] && able ? settings.args(chosen) : null;
    const key = JSON.stringify(args);
    if (key === estimatedFor) return describe(args && estimated ? estimated : null);
    stopEstimate();
    estimatedFor = key;
    estimated = 0;
    describe(null);
    if (!args) return;
    const mine = (estimating = new AbortController());
    timer = session.clock.start(async () => {
      timer = null;
      try {
        estimated = await estimateByPython({ command: session.command, clock: session.clock, args, signal: mine.signal });
        if (!mine.signal.aborted) describe(estimated);
      } catch {
        // Without an estimate, the file can still be saved. Save reports errors.
      }
    }, ESTIMATE_AFTER);
  }

  function stopEstimate() {
    if (timer !== null) session.clock.stop(timer);
    timer = null;
    estimating?.abort();
    estimating = null;
    if (!estimated) estimatedFor = "";
  }
  signal.addEventListener("abort", stopEstimate, { once: true });

  /** @param {string} format */
  async function run(format) {
    if (job) return;
    stopEstimate();
    forget();
    failed.show(null);
    if (extra[format]) {
      const files = await Promise.resolve(extra[format]()).catch(fail);
      if (files && !signal.aborted) hand(files);
      return;
    }
    const mine = (job = new AbortController());
    signal.addEventListener("abort", () => mine.abort(), { once: true, signal: mine.signal });
    const title = playerText.formats[format]?.name ?? format;
    try {
      const files = LOCAL.includes(format) ? (local ? await filesOfPage(format, name(), await local()) : []) : await there(format, title, mine.signal);
      if (!signal.aborted && !mine.signal.aborted) hand(files);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Cancelled || mine.signal.aborted) announce(playerText.canceled);
      else fail(error);
    } finally {
      job = null;
      progress.hidden = true;
    }
  }

  /** @param {unknown} error */
  function fail(error) {
    failed.show(error instanceof CommandError ? error.problem : { message: String(/** @type {any} */ (error)?.message ?? error) });
  }

  /** @param {string} format @param {string} title @param {AbortSignal} until */
  async function there(format, title, until) {
    show(title, { done: 0, total: 0, fetched: 0 });
    progress.hidden = false;
    const files = await exportByPython({
      command: session.command,
      clock: session.clock,
      args: settings.args(format),
      onProgress: (state) => show(title, state),
      signal: until,
    });
    return files.map(({ file, data }) => ({ filename: file.filename, blob: new Blob([data], { type: file.mime }) }));
  }

  /** @param {string} title @param {import("../../core/wire/python_export.js").ExportProgress} state */
  function show(title, { done, total, fetched }) {
    const percent = Math.round(100 * (fetched || (total ? done / total : 0)));
    setText(doing, fetched ? playerText.fetching(title, percent) : playerText.exporting(title, done, total));
    track.el.setAttribute("aria-label", doing.textContent ?? "");
    track.show(percent, total && 100);
  }

  /** Downloads files. Links stay visible for hosts that allow downloads only after a click. @param {import("./export_files.js").FileToSave[]} files */
  function hand(files) {
    const links = files.map(({ filename, blob }) => {
      const url = URL.createObjectURL(blob);
      urls.push(url);
      return h("a", { href: url, download: filename, class: "lucidw-link", title: filename }, files.length > 1 ? filename : playerText.savedAgain);
    });
    for (const link of links) link.click();
    const bytes = files.reduce((sum, { blob }) => sum + blob.size, 0);
    setText(said, playerText.saved(files.map(({ filename }) => filename).join(", "), size(bytes)));
    again.replaceChildren(...links);
    note.hidden = false;
  }

  function forget() {
    note.hidden = true;
    again.replaceChildren();
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
  }
  signal.addEventListener("abort", forget, { once: true });
  on(menu, "keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    toggle();
    button.el.focus({ preventScroll: true });
  });

  return {
    el: button.el,
    /** Elements to add under the controls. */
    panels: [menu, progress, note, failed.el],

    update() {
      if (!menu.hidden) draw();
    },
  };
}

/** @param {number} bytes */
function size(bytes) {
  return bytes >= 1e6 ? playerText.megabytes(decimals.format(bytes / 1e6)) : playerText.kilobytes(bytes >= 1e5 ? formatCount(bytes / 1e3) : decimals.format(bytes / 1e3));
}

const decimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
