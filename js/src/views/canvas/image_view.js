import { formatCount } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** The tallest a picture gets, in CSS pixels: beyond, the controls below it would leave the screen. */
const TALLEST = 520;

/**
 * The picture of this view: a copy of the surface all views share, with exactly as many pixels as the image has.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createPicture(context) {
  const { session, signal, on } = context;
  const canvas = h("canvas", { role: "img", width: 0, height: 0, "data-lucidw": "canvas", "data-frames": 0 });
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const size = h("span", { class: "lucidw-size" });
  const toggle = h("button", { type: "button", class: "lucidw-pixels", "data-lucidw": "pixelated", title: text.pixelated });
  toggle.setAttribute("aria-label", text.pixelated);
  toggle.append(icon("grid"));
  const badge = h("div", { class: "lucidw-badge" }, toggle, size);
  const frame = h("div", { class: "lucidw-picture" }, canvas, badge);
  const el = h("div", { class: "lucidw-room", hidden: true }, frame);
  let frames = 0;
  let pixelated = false;
  let zoom = "fit";
  /** The one image of a batch that is shown; -1 for all. */
  let only = -1;
  let what = "";
  /** A moment of the past that is shown in place of the newest picture. @type {{bitmap: ImageBitmap, step: number} | null} */
  let held = null;
  /** @type {unknown} */
  let shown = null;

  /** The surface is the truth; a browser may empty a canvas that was out of sight for long. */
  function copy() {
    const { canvas: newest, meta } = session.surface;
    if (!meta || newest.width === 0) return;
    const { columns = 1, rows = 1 } = meta;
    const [across, down, cell] = only >= 0 && only < rows * columns ? [columns, rows, only] : [1, 1, 0];
    const [wide, high] = [Math.round(newest.width / across), Math.round(newest.height / down)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      fit();
    }
    const source = held ? held.bitmap : newest;
    const [w, h1] = [source.width / across, source.height / down];
    ink.globalCompositeOperation = "copy";
    ink.drawImage(source, (cell % across) * w, Math.floor(cell / across) * h1, w, h1, 0, 0, wide, high);
  }

  function drawn() {
    const { meta } = session.surface;
    if (meta === shown) return;
    shown = meta;
    el.hidden = meta === null;
    if (!meta) {
      delete canvas.dataset.step;
      return;
    }
    copy();
    frames += 1;
    Object.assign(canvas.dataset, { frames, frameId: meta.id, step: meta.step, lossless: Boolean(meta.lossless) });
  }

  function describePicture() {
    const { meta } = session.surface;
    if (!meta) return;
    canvas.setAttribute("aria-label", text.picture(what, held ? held.step : meta.step));
    setText(size, held ? text.heldAt(formatCount(held.step)) : describe(meta));
  }

  /** Chooses the picture's size on the page: as large as there is room for, in whole pixels where pixels are shown. */
  function fit() {
    const { width, height } = canvas;
    const room = el.clientWidth;
    if (!width || !room) return;
    const density = window.devicePixelRatio || 1;
    const times = { "1x": 1, "2x": 2 }[zoom];
    let side = times ? width * times : Math.min(room, (TALLEST * width) / height);
    const enlarged = (side * density) / width >= 2;
    if (pixelated && enlarged && !times) side = (Math.floor((side * density) / width) * width) / density;
    frame.style.width = `${side}px`;
    frame.style.aspectRatio = `${width} / ${height}`;
    canvas.classList.toggle("lucidw-crisp", pixelated && enlarged);
    toggle.hidden = !enlarged;
  }

  const resized = new ResizeObserver(fit);
  resized.observe(el);
  const entered = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) copy();
  });
  entered.observe(canvas);
  signal.addEventListener("abort", () => {
    resized.disconnect();
    entered.disconnect();
    // Frees the pixels now rather than when the page's garbage is collected.
    canvas.width = canvas.height = 0;
    held?.bitmap.close();
  });
  // JupyterLab's own menu would hide the browser's "Save image as".
  on(canvas, "contextmenu", (event) => event.stopPropagation());
  on(toggle, "click", () => session.order("set", { pixelated: !pixelated }));

  return {
    el,
    badge,
    get empty() {
      return shown === null;
    },

    /**
     * Shows a moment of the past, or with null the newest picture again.
     * @param {ImageBitmap | null} bitmap closed by this view @param {number} step
     */
    hold(bitmap, step) {
      held?.bitmap.close();
      held = bitmap && { bitmap, step };
      frame.classList.toggle("lucidw-past", held !== null);
      if (held) canvas.dataset.held = String(step);
      else delete canvas.dataset.held;
      copy();
      describePicture();
    },

    /** @param {Record<string, any>} state */
    update(state) {
      drawn();
      if (pixelated !== Boolean(state.pixelated) || zoom !== (state.zoom ?? "fit")) {
        pixelated = Boolean(state.pixelated);
        zoom = state.zoom ?? "fit";
        el.classList.toggle("lucidw-zoomed", zoom !== "fit");
        fit();
      }
      if (only !== (state.shown ?? -1)) {
        only = state.shown ?? -1;
        copy();
      }
      toggle.setAttribute("aria-pressed", String(pixelated));
      what = state.expression || state.title || "";
      describePicture();
    },
  };
}

/** @param {import("../../core/wire/stream.js").FrameMeta} meta */
function describe({ width, height, rows = 1, columns = 1 }) {
  const [w, h1] = [Math.round(width / (columns || 1)), Math.round(height / (rows || 1))];
  const one = w === h1 ? text.pixels(formatCount(w)) : text.pixelsOf(formatCount(w), formatCount(h1));
  return rows * columns > 1 ? text.many(rows * columns, one) : one;
}
