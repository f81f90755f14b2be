import { TALLEST } from "../../core/layout/image_fit.js";
import { formatCount } from "../../core/text/format.js";
import { nameAt } from "../../core/run/made_by.js";
import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * @typedef {object} ShownImage
 * @property {any} made_by the run that made it
 * @property {number} step
 * @property {number | null} objective
 * @property {boolean} pinned whether it is an earlier image of the run instead of the latest
 */

/**
 * The image of this view: a copy of the shared canvas, with exactly the pixels of the image.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createImageView(context) {
  const { session, signal, on } = context;
  const canvas = h("canvas", { role: "img", width: 0, height: 0, "data-lucidw": "canvas", "data-frames": 0 });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const size = h("span", { class: "lucidw-size" });
  const toggle = h("button", { type: "button", class: "lucidw-pixels", "data-lucidw": "pixelated", title: text.pixelated });
  toggle.setAttribute("aria-label", text.pixelated);
  toggle.append(icon("grid"));
  const badge = h("div", { class: "lucidw-badge" }, toggle, size);
  const frame = h("div", { class: "lucidw-image" }, canvas, badge);
  const el = h("div", { class: "lucidw-image-box", hidden: true }, frame);
  let frames = 0;
  let pixelated = false;
  let zoom = "fit";
  /** Index of the image of the batch that is shown; -1 for all. */
  let only = -1;
  let what = "";
  /** An earlier image of the run that is shown instead of the latest. @type {{bitmap: ImageBitmap, step: number, objective: number | null} | null} */
  let pinned = null;
  /** @type {unknown} */
  let shown = null;

  /** Copies the shared canvas. Also needed when this view becomes visible again: browsers may clear hidden canvases. */
  function copy() {
    const { canvas: newest, meta } = session.sharedCanvas;
    if (!meta || newest.width === 0) return;
    const { columns = 1, rows = 1 } = meta;
    const [across, down, cell] = only >= 0 && only < rows * columns ? [columns, rows, only] : [1, 1, 0];
    const [wide, high] = [Math.round(newest.width / across), Math.round(newest.height / down)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      fit();
    }
    const source = pinned ? pinned.bitmap : newest;
    const [w, h1] = [source.width / across, source.height / down];
    ctx.globalCompositeOperation = "copy";
    ctx.drawImage(source, (cell % across) * w, Math.floor(cell / across) * h1, w, h1, 0, 0, wide, high);
  }

  function drawn() {
    const { meta } = session.sharedCanvas;
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

  function describeImage() {
    const { meta } = session.sharedCanvas;
    if (!meta) return;
    const step = pinned ? pinned.step : meta.step;
    canvas.setAttribute("aria-label", text.imageLabel(meta.made_by?.expression ? nameAt(meta.made_by, step) : what, step));
    setText(size, pinned ? text.pinnedAt(formatCount(pinned.step)) : describe(meta));
  }

  /** Sets the displayed size: as large as fits, and a whole multiple of the image's pixels if pixels are sharp. */
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
    // Frees the pixels without waiting for garbage collection.
    canvas.width = canvas.height = 0;
    pinned?.bitmap.close();
  });
  // JupyterLab's context menu would replace the browser's, which has "Save image as".
  on(canvas, "contextmenu", (event) => event.stopPropagation());
  on(toggle, "click", () => session.perform("set", { pixelated: !pixelated }));

  return {
    el,
    badge,
    get empty() {
      return shown === null;
    },

    /** @returns {ShownImage | null} */
    get shown() {
      const { meta } = session.sharedCanvas;
      if (!meta) return null;
      const { step, objective = null } = pinned ?? meta;
      return { made_by: meta.made_by, step, objective, pinned: pinned !== null };
    },

    /**
     * Shows an earlier image of the run; null shows the latest again.
     * @param {ImageBitmap | null} bitmap closed by this view @param {number} step @param {number | null} [objective]
     */
    pin(bitmap, step, objective = null) {
      pinned?.bitmap.close();
      pinned = bitmap && { bitmap, step, objective };
      frame.classList.toggle("lucidw-pinned", pinned !== null);
      if (pinned) canvas.dataset.pinned = String(step);
      else delete canvas.dataset.pinned;
      copy();
      describeImage();
      session.touch();
    },

    /** @param {WidgetState} state */
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
      describeImage();
    },
  };
}

/** @param {import("../../core/wire/stream.js").FrameMeta} meta */
function describe({ width, height, rows = 1, columns = 1 }) {
  const [w, h1] = [Math.round(width / (columns || 1)), Math.round(height / (rows || 1))];
  const one = w === h1 ? text.pixels(formatCount(w)) : text.pixelsOf(formatCount(w), formatCount(h1));
  return rows * columns > 1 ? text.many(rows * columns, one) : one;
}
