import { CommandError } from "../../core/wire/commands.js";
import { Cancelled, exportByPython } from "../../core/wire/python_export.js";
import { playerText } from "../../core/text/player.js";
import { createButton } from "../controls/button.js";
import { createErrorCard } from "../controls/error_card.js";
import { h, setText } from "../base/dom.js";

/** Formats that the page writes, in the order of the menu. */
const LOCAL = ["frame", "stored"];
/** Formats that Python writes, if its encoders are installed. */
const REMOTE = ["gif", "webp", "webp-lossless", "apng", "mp4", "html", "sheet", "css"];
const DITHERS = ["floyd-steinberg", "ordered", "none"];

const ENDINGS = /** @type {Record<string, string>} */ ({ "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" });

/**
 * Export menu. The page writes some formats itself. Python encodes the others, with progress and a Cancel button, and the
 * page downloads the result.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {() => string} options.name file name without extension
 * @param {() => Record<string, any>} options.options export options for Python, such as fps and mode
 * @param {(() => Promise<{sprites: import("./sprite_frames.js").SpriteFrames, frame: number}>) | null} [options.local] frames that are in the page
 * @param {string} [options.label]
 * @param {string} [options.heading]
 * @param {string[]} [options.extra] formats of additional rows before the others
 * @param {(row: string) => void} [options.onExtra]
 * @param {import("../base/icons.js").IconName} [options.glyph]
 */
export function createExportMenu(context, { name, options, local = null, label = playerText.export, heading = playerText.exportHeading, extra = [], onExtra, glyph = "save" }) {
  const { session, signal, on, announce } = context;
  const button = createButton(context, { name: "export", label, tip: playerText.exportTip, glyph, press: toggle });
  button.el.setAttribute("aria-expanded", "false");
  const rows = h("div", { class: "lucidw-export-rows" });
  const why = h("p", { class: "lucidw-export-why", role: "status" });
  const dither = h("select", { class: "lucidw-input", "data-lucidw": "dither" });
  dither.append(...DITHERS.map((value) => h("option", { value }, playerText.dithers[value] ?? value)));
  const dithering = h("label", { class: "lucidw-export-dither", hidden: true }, h("span", {}, playerText.dither), dither);
  const menu = h("div", { class: "lucidw-export", role: "group", "aria-label": heading, "data-lucidw": "export-menu", hidden: true }, h("p", { class: "lucidw-heading" }, heading), rows, dithering, why);

  const bar = h("div", { class: "lucidw-bar" });
  const track = h("div", { class: "lucidw-track", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const doing = h("span", { class: "lucidw-export-doing" });
  const cancel = createButton(context, { name: "cancel", label: playerText.cancel, tip: playerText.cancel, press: () => job?.abort() });
  const progress = h("div", { class: "lucidw-export-progress", "data-lucidw": "export-progress", hidden: true }, doing, track, cancel.el);
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

  function toggle() {
    const open = menu.hidden;
    menu.hidden = !open;
    button.el.setAttribute("aria-expanded", String(open));
    if (!open) return;
    draw();
    /** @type {HTMLElement | null} */ (rows.querySelector("button"))?.focus({ preventScroll: true });
    if (able === null && session.hasKernel) {
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
    const { name: title, about } = playerText.formats[format] ?? { name: format, about: "" };
    const el = h("button", { type: "button", class: "lucidw-export-row", "data-lucidw": `export-${format}` }, h("strong", {}, title), h("span", {}, about));
    on(el, "click", () => run(format));
    return el;
  }

  function draw() {
    // Python writes the sheet from the original frames, so the page's own sheet is offered only without Python.
    const own = local ? LOCAL.filter((format) => format !== "stored" || able === null) : [];
    const shown = [...extra, ...own, ...REMOTE.filter((format) => able?.includes(format))];
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.lucidw;
    const known = [...rows.children].map((el) => /** @type {HTMLElement} */ (el).dataset.lucidw);
    const wanted = shown.map((format) => `export-${format}`);
    if (known.join() !== wanted.join()) {
      rows.replaceChildren(...shown.map(row));
      if (focused) /** @type {HTMLElement | null} */ (rows.querySelector(`[data-lucidw="${focused}"]`))?.focus({ preventScroll: true });
    }
    dithering.hidden = !able?.includes("gif");
    explain();
  }

  /** Explains why the other formats are not available. */
  function explain() {
    const { kernelState } = session;
    const missing = able !== null ? "" : session.offline ? playerText.needsPython : !session.hasKernel || kernelState === "silent" ? playerText.needsKernel : kernelState === "busy" ? playerText.kernelBusy : playerText.asking;
    setText(why, missing);
    why.hidden = !missing;
  }

  /** @param {string} format */
  async function run(format) {
    if (job) return;
    forget();
    failed.show(null);
    if (extra.includes(format)) {
      onExtra?.(format);
      return;
    }
    const mine = (job = new AbortController());
    signal.addEventListener("abort", () => mine.abort(), { once: true, signal: mine.signal });
    const title = playerText.formats[format]?.name ?? format;
    try {
      const files = LOCAL.includes(format) ? await here(format) : await there(format, title, mine.signal);
      if (!signal.aborted && !mine.signal.aborted) hand(files);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Cancelled || mine.signal.aborted) announce(playerText.canceled);
      else failed.show(error instanceof CommandError ? error.problem : { message: String(/** @type {any} */ (error)?.message ?? error) });
    } finally {
      job = null;
      progress.hidden = true;
    }
  }

  /**
   * @param {string} format
   * @returns {Promise<{filename: string, blob: Blob}[]>}
   */
  async function here(format) {
    if (!local) return [];
    const { sprites, frame } = await local();
    const stem = name().match(/[\p{L}\p{N}_.-]+/gu)?.join("-") || "animation";
    const { meta, files } = sprites;
    if (format === "stored" && files) {
      const ending = ENDINGS[meta.mime] ?? "png";
      return files.map((bytes, index) => ({
        filename: `${stem}-${meta.width}x${meta.height}-${meta.sheets[index]?.columns}${files.length > 1 ? `-${index + 1}` : ""}.${ending}`,
        blob: new Blob([bytes], { type: meta.mime }),
      }));
    }
    const canvas = new OffscreenCanvas(meta.width, meta.height);
    sprites.draw(/** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")), frame);
    return [{ filename: `${stem}-${frame + 1}.png`, blob: await canvas.convertToBlob({ type: "image/png" }) }];
  }

  /** @param {string} format @param {string} title @param {AbortSignal} until */
  async function there(format, title, until) {
    show(title, { done: 0, total: 0, fetched: 0 });
    progress.hidden = false;
    const files = await exportByPython({
      command: session.command,
      clock: session.clock,
      args: { format, dither: dither.value, ...options() },
      onProgress: (state) => show(title, state),
      signal: until,
    });
    return files.map(({ file, data }) => ({ filename: file.filename, blob: new Blob([data], { type: file.mime }) }));
  }

  /** @param {string} title @param {import("../../core/wire/python_export.js").ExportProgress} state */
  function show(title, { done, total, fetched }) {
    const percent = Math.round(100 * (fetched || (total ? done / total : 0)));
    setText(doing, fetched ? playerText.fetching(title, percent) : playerText.exporting(title, done, total));
    track.setAttribute("aria-label", doing.textContent ?? "");
    track.setAttribute("aria-valuenow", String(percent));
    track.classList.toggle("lucidw-waiting", total === 0);
    bar.style.transform = total === 0 ? "" : `scaleX(${percent / 100})`;
  }

  /** Downloads files. Links stay visible for hosts that allow downloads only after a click. @param {{filename: string, blob: Blob}[]} files */
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
    run,

    update() {
      if (!menu.hidden) explain();
    },
  };
}

/** @param {number} bytes */
function size(bytes) {
  const format = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
  return bytes >= 1e6 ? playerText.megabytes(format.format(bytes / 1e6)) : playerText.kilobytes(format.format(bytes / 1e3));
}
