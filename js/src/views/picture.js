import { formatCount } from "../core/format.js";
import { text } from "../core/strings.js";
import { h, setText } from "./dom.js";
import { icon } from "./icons.js";

/** The tallest a picture gets, in CSS pixels: beyond, the controls below it would leave the screen. */
const TALLEST = 520;

/**
 * The picture of this view: a copy of the surface all views share, with exactly as many pixels as the image has.
 *
 * @param {import("../widget.js").Context} context
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
  /** @type {unknown} */
  let shown = null;

  /** The surface is the truth; a browser may empty a canvas that was out of sight for long. */
  function copy() {
    const source = session.surface.canvas;
    const { meta } = session.surface;
    if (!meta || source.width === 0) return;
    if (canvas.width !== source.width || canvas.height !== source.height) {
      canvas.width = source.width;
      canvas.height = source.height;
      fit();
    }
    ink.globalCompositeOperation = "copy";
    ink.drawImage(source, 0, 0);
  }

  function drawn() {
    const { meta } = session.surface;
    if (!meta || meta === shown) return;
    shown = meta;
    el.hidden = false;
    copy();
    frames += 1;
    Object.assign(canvas.dataset, { frames, frameId: meta.id, step: meta.step, lossless: Boolean(meta.lossless) });
  }

  /** Chooses the picture's size on the page: as large as there is room for, in whole pixels where pixels are shown. */
  function fit() {
    const { width, height } = canvas;
    const room = el.clientWidth;
    if (!width || !room) return;
    const density = window.devicePixelRatio || 1;
    let side = Math.min(room, (TALLEST * width) / height);
    const enlarged = (side * density) / width >= 2;
    if (pixelated && enlarged) side = (Math.floor((side * density) / width) * width) / density;
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
  });
  // JupyterLab's own menu would hide the browser's "Save image as".
  on(canvas, "contextmenu", (event) => event.stopPropagation());
  on(toggle, "click", () => session.order("set", { pixelated: !pixelated }));

  return {
    el,
    get empty() {
      return shown === null;
    },

    /** @param {Record<string, any>} state */
    update(state) {
      drawn();
      if (pixelated !== Boolean(state.pixelated)) {
        pixelated = Boolean(state.pixelated);
        fit();
      }
      toggle.setAttribute("aria-pressed", String(pixelated));
      const { meta } = session.surface;
      if (!meta) return;
      canvas.setAttribute("aria-label", text.picture(state.expression || state.title || "", meta.step));
      setText(size, describe(meta));
    },
  };
}

/** @param {import("../core/stream.js").FrameMeta} meta */
function describe({ width, height, rows = 1, columns = 1 }) {
  const [w, h1] = [Math.round(width / (columns || 1)), Math.round(height / (rows || 1))];
  const one = w === h1 ? text.pixels(formatCount(w)) : text.pixelsOf(formatCount(w), formatCount(h1));
  return rows * columns > 1 ? text.many(rows * columns, one) : one;
}
