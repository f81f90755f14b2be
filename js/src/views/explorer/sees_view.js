import { magnitudes } from "../../core/explorer/packed.js";
import { explorerText } from "../../core/text/explorer.js";
import { h, setText } from "../base/dom.js";

/** Side of the weakest cell, relative to the strongest. */
const SMALLEST = 0.25;

/**
 * The activation grid: an image of each position, as large as its activations are strong. It fills in while it is made.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./look.js").Look} look
 * @param {{choose: (position: [number, number]) => void}} actions
 */
export function createSeesView({ session, on, signal }, look, { choose }) {
  const images = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (session.cellImages);
  const canvas = h("canvas", { class: "lucidw-explorer-mosaic", width: 1, height: 1, role: "img", "data-lucidw": "grid" });
  const hint = h("p", { class: "lucidw-explorer-note" });
  const el = h("div", { class: "lucidw-explorer-view" }, canvas, hint);
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  /** @type {unknown} */
  let measured = null;
  let strengths = new Float32Array(0);

  const current = () => (state._sees?.layer === state.layer && state._board_of === "positions" ? state._sees : null);

  /** @param {PointerEvent | MouseEvent} event @returns {[number, number] | null} */
  function positionOf(event) {
    const grid = current();
    const places = look.places(state);
    if (!grid || !places) return null;
    const box = canvas.getBoundingClientRect();
    const at = (/** @type {number} */ share, /** @type {number} */ count, /** @type {number} */ most) =>
      Math.max(0, Math.min(most - 1, Math.floor(share * count) * grid.block + Math.floor(grid.block / 2)));
    return [at((event.clientY - box.top) / box.height, grid.rows, places.rows), at((event.clientX - box.left) / box.width, grid.columns, places.columns)];
  }

  on(canvas, "pointermove", (event) => look.hover(positionOf(event)), { passive: true });
  on(canvas, "pointerleave", () => look.hover(null));
  on(canvas, "click", (event) => {
    const position = positionOf(event);
    if (position) choose(position);
  });
  signal.addEventListener("abort", () => images.leave(el), { once: true });

  /** @param {any} grid */
  function draw(grid) {
    const side = Math.max(1, Math.floor((canvas.clientWidth * devicePixelRatio) / grid.columns));
    canvas.width = side * grid.columns;
    canvas.height = side * grid.rows;
    const context2d = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    paint(context2d, grid, side);
    const [row = 0, column = 0] = look.position(state).map((each) => Math.floor(each / grid.block));
    context2d.lineWidth = Math.max(2, 2 * devicePixelRatio);
    context2d.strokeStyle = getComputedStyle(canvas).color;
    context2d.strokeRect(column * side + 1, row * side + 1, side - 2, side - 2);
  }

  /** @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context2d @param {any} grid @param {number} side of a cell in pixels */
  function paint(context2d, grid, side) {
    context2d.imageSmoothingQuality = "high";
    for (let place = 0; place < grid.rows * grid.columns; place += 1) {
      const [x, y] = [(place % grid.columns) * side, Math.floor(place / grid.columns) * side];
      const size = Math.max(2, Math.round(side * (Math.max(SMALLEST, Math.sqrt(strengths[place] ?? 1)))));
      const inset = Math.floor((side - size) / 2);
      const bitmap = images.cell(place)?.bitmap;
      context2d.fillStyle = "#8884";
      if (bitmap) context2d.drawImage(bitmap, x + inset, y + inset, size, size);
      else context2d.fillRect(x + inset, y + inset, size, size);
    }
  }

  return {
    el,

    /** The grid at the resolution of its images, on white; null while it is unknown. */
    snapshot() {
      const grid = current();
      if (!grid) return null;
      const side = images.cell(0)?.bitmap?.width ?? 48;
      const file = new OffscreenCanvas(side * grid.columns, side * grid.rows);
      const context2d = /** @type {OffscreenCanvasRenderingContext2D} */ (file.getContext("2d"));
      context2d.fillStyle = "#fff";
      context2d.fillRect(0, 0, file.width, file.height);
      paint(context2d, grid, side);
      return file;
    },

    /** @param {WidgetState} newest @param {boolean} visible */
    show(newest, visible) {
      state = newest;
      const grid = current();
      canvas.toggleAttribute("data-waiting", !grid);
      if (!grid || !visible) return images.leave(el);
      const packed = state._activations_meta?.layer === state.layer ? look.activations(state) : null;
      if (packed && packed !== measured) {
        measured = packed;
        strengths = packed.rows === grid.rows && packed.columns === grid.columns ? magnitudes(packed) : new Float32Array(0);
      }
      canvas.setAttribute("aria-label", explorerText.grid(state.layer));
      canvas.style.aspectRatio = `${grid.columns} / ${grid.rows}`;
      setText(hint, explorerText.gridHint + (grid.block > 1 ? explorerText.gridBlocks(grid.block) : ""));
      draw(grid);
      images.show(el, [...Array(grid.rows * grid.columns).keys()]);
    },
  };
}
