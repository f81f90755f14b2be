import { cellBox, extent, fieldBox, moved, positionAt } from "../../core/explorer/places.js";
import { explorerText } from "../../core/text/explorer.js";
import { toBytes } from "../../core/wire/bytes.js";
import { h, svg } from "../base/dom.js";

/** A rectangle with a dark edge, visible on any image. @param {string} look its class */
function createBox(look) {
  const rects = [svg("rect", { class: "lucidw-explorer-edge" }), svg("rect", { class: look })];
  const el = svg("g", {}, ...rects);
  return {
    el,
    /** @param {{x: number, y: number, width: number, height: number} | null} box */
    place(box) {
      el.style.display = box ? "" : "none";
      for (const rect of rects) for (const [name, value] of Object.entries(box ?? {})) rect.setAttribute(name, String(value));
    },
  };
}

/** Most lines that are drawn: finer grids would hide the image. */
const MOST_LINES = 60;

/** @typedef {{values: ArrayLike<number>, rows: number, columns: number, colors: (value: number) => [number, number, number, number]}} Heat */

/**
 * The image with the positions of the layer over it. The pointer, a tap or the arrow keys choose a position.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./look.js").Look} look
 * @param {{choose: (position: [number, number]) => void, pin: (position: [number, number]) => void, unpin: () => void}} actions
 * @param {{trait?: "image" | "photo", tip?: string}} [options] `trait` holds the image
 */
export function createImagePanel(context, look, actions, { trait = "image", tip = explorerText.imageTip } = {}) {
  const { session, on, signal, announce } = context;
  const image = h("canvas", { class: "lucidw-explorer-layer", width: 1, height: 1, "aria-hidden": "true", "data-lucidw": "image" });
  const heat = h("canvas", { class: "lucidw-explorer-layer", width: 1, height: 1, "aria-hidden": "true", "data-lucidw": "heat" });
  const lines = svg("path", { class: "lucidw-explorer-lines" });
  const field = createBox("lucidw-explorer-field");
  const pins = svg("g");
  const cell = createBox("lucidw-explorer-cell");
  const marks = svg("svg", { class: "lucidw-explorer-layer", preserveAspectRatio: "none", "aria-hidden": "true" }, lines, field.el, pins, cell.el);
  const el = h("div", { class: "lucidw-explorer-image", role: "application", tabindex: "0", title: tip, "data-lucidw": "panel" }, image, heat, marks);
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  /** @type {unknown} */
  let decoded = null;
  let drawnPlaces = "";
  /** Values of the map that is drawn. @type {ArrayLike<number> | null} */
  let drawnHeat = null;

  async function decode() {
    const source = session.get(trait);
    if (source === decoded) return;
    decoded = source;
    const bytes = toBytes(source);
    if (!bytes.length) return;
    const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => null);
    if (!bitmap) return;
    if (!signal.aborted && source === decoded) {
      image.width = bitmap.width;
      image.height = bitmap.height;
      el.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
      image.getContext("2d")?.drawImage(bitmap, 0, 0);
    }
    bitmap.close();
  }

  /** @param {import("../../core/explorer/places.js").Places} places */
  function drawLines(places) {
    const now = JSON.stringify(places);
    if (now === drawnPlaces) return;
    drawnPlaces = now;
    marks.setAttribute("viewBox", `0 0 ${places.width} ${places.height}`);
    const { x, y, width, height } = extent(places);
    const every = Math.ceil(Math.max(places.rows, places.columns) / MOST_LINES);
    let path = "";
    for (let row = every; row < places.rows; row += every) path += `M${x} ${y + row * places.stride[0]}h${width}`;
    for (let column = every; column < places.columns; column += every) path += `M${x + column * places.stride[1]} ${y}v${height}`;
    lines.setAttribute("d", path);
  }

  /** @param {Heat | null} shown @param {import("../../core/explorer/places.js").Places | null} places */
  function drawHeat(shown, places) {
    const box = el.getBoundingClientRect();
    const [width, height] = [Math.max(1, Math.round(box.width * devicePixelRatio)), Math.max(1, Math.round(box.height * devicePixelRatio))];
    // The pointer moves far more often than the map changes.
    const now = shown && places ? shown.values : null;
    if (now === drawnHeat && heat.width === width && heat.height === height) return;
    drawnHeat = now;
    heat.width = width;
    heat.height = height;
    el.toggleAttribute("data-heat", Boolean(shown));
    if (!shown || !places) return;
    const small = new OffscreenCanvas(shown.columns, shown.rows);
    const context2d = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d"));
    const pixels = context2d.createImageData(shown.columns, shown.rows);
    for (let index = 0; index < shown.rows * shown.columns; index += 1) pixels.data.set(shown.colors(shown.values[index] ?? 0), 4 * index);
    context2d.putImageData(pixels, 0, 0);
    const target = /** @type {CanvasRenderingContext2D} */ (heat.getContext("2d"));
    target.imageSmoothingQuality = "high";
    const [scaleX, scaleY] = [width / places.width, height / places.height];
    const all = extent(places);
    target.drawImage(small, all.x * scaleX, all.y * scaleY, all.width * scaleX, all.height * scaleY);
  }

  /** @param {PointerEvent | MouseEvent} event @returns {[number, number] | null} */
  function positionOf(event) {
    const places = look.places(state);
    if (!places?.spatial) return null;
    const box = el.getBoundingClientRect();
    return positionAt(places, ((event.clientX - box.left) / box.width) * places.width, ((event.clientY - box.top) / box.height) * places.height);
  }

  on(el, "pointermove", (event) => look.hover(positionOf(event)), { passive: true });
  on(el, "pointerleave", () => look.hover(null));
  on(el, "focus", () => look.focus(el.matches(":focus-visible")));
  on(el, "blur", () => look.focus(false));
  on(el, "click", (event) => {
    const position = positionOf(event);
    if (position) (event.shiftKey ? actions.pin : actions.choose)(position);
  });
  on(el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const places = look.places(state);
    if (event.ctrlKey || event.metaKey || event.altKey || !places?.spatial) return;
    if (event.key === "Escape" && state.pins?.length) {
      event.preventDefault();
      return actions.unpin();
    }
    if ((event.key === "Enter" || event.key === " ") && !event.shiftKey) {
      event.preventDefault();
      return actions.pin(/** @type {[number, number]} */ (state.position));
    }
    const next = moved(event.key, state.position, places);
    if (!next) return;
    event.preventDefault();
    look.hover(null);
    look.focus(true);
    actions.choose(next);
    announce(explorerText.at(next[0], next[1]));
  });
  const resized = new ResizeObserver(() => el.dispatchEvent(new CustomEvent("lucidw-resized")));
  resized.observe(el);
  signal.addEventListener("abort", () => resized.disconnect(), { once: true });

  return {
    el,

    /** The image as it is shown, with the map and the marked positions, at the resolution of the screen or above. */
    snapshot() {
      const scale = Math.max(1, 896 / image.width, heat.width / image.width);
      const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
      const context2d = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
      context2d.imageSmoothingQuality = "high";
      context2d.drawImage(image, 0, 0, canvas.width, canvas.height);
      if (el.hasAttribute("data-heat")) {
        // As the style sheet darkens the image under a map; not all browsers have filters of canvases.
        context2d.fillStyle = "#000";
        context2d.globalAlpha = 0.38;
        context2d.fillRect(0, 0, canvas.width, canvas.height);
        context2d.globalAlpha = 1;
        context2d.drawImage(heat, 0, 0, canvas.width, canvas.height);
      }
      const places = look.places(state);
      if (!places?.spatial) return canvas;
      const [across, down] = [canvas.width / places.width, canvas.height / places.height];
      for (const rect of marks.querySelectorAll("rect")) {
        if (rect.closest("g[style*='none']")) continue;
        const [x = 0, y = 0, width = 0, height = 0] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
        const style = getComputedStyle(rect);
        context2d.strokeStyle = style.stroke;
        context2d.globalAlpha = Number(style.strokeOpacity);
        context2d.lineWidth = 2 * parseFloat(style.strokeWidth);
        context2d.setLineDash(style.strokeDasharray === "none" ? [] : [8, 6]);
        context2d.strokeRect(x * across, y * down, width * across, height * down);
      }
      return canvas;
    },

    /** @param {WidgetState} newest @param {Heat | null} shown */
    show(newest, shown) {
      state = newest;
      decode();
      const places = look.places(state);
      const [row = 0, column = 0] = look.position(state);
      const spatial = Boolean(places?.spatial);
      el.setAttribute("aria-label", explorerText.imageOf(state.image_name, spatial ? explorerText.at(row, column) : explorerText.wholeImage));
      marks.style.display = spatial ? "" : "none";
      if (places?.spatial) {
        drawLines(places);
        // Where a view is about the whole image, a position is marked only while the user looks at it.
        const marked = state.view === "fires" || look.aimed(state);
        cell.place(marked ? cellBox(places, [row, column]) : null);
        field.place(marked ? fieldBox(places, [row, column]) : null);
        pins.replaceChildren(
          ...(state.pins ?? []).map((/** @type {number[]} */ pin) => {
            const box = createBox("lucidw-explorer-pin");
            box.place(cellBox(places, pin));
            return box.el;
          }),
        );
      }
      drawHeat(spatial ? shown : null, places);
    },
  };
}
