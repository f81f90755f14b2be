import { boxOf, gridFor, isSeen, scaleOf } from "../../core/atlas/view.js";
import { signed } from "../../core/explorer/colors.js";
import { h } from "../base/dom.js";

/** @typedef {import("../../core/atlas/view.js").View} View */
/** @typedef {import("./atlas_cells.js").Grid} Grid */
/** @typedef {{grid: number, cell: number}} Place */
/** @typedef {{label: string, minus: string, pointed: Place | null, kept: Place | null}} Marks */

/** Opacity of a cell that does not speak for the highlighted class at all. */
const FAINTEST = 0.1;
/** Below 1, weak scores stay visible. */
const CURVE = 0.8;
/** Space between cells as a share of their side. */
const GAP = 0.05;

/**
 * The drawing of the map. It shows the finest grid whose cells are large enough, but goes on with the grid that it shows
 * until the images of the new one have come.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./atlas_cells.js").AtlasCells} cells
 */
export function createAtlasCanvas({ signal }, cells) {
  const el = h("canvas", { class: "lucidw-atlas-canvas", "aria-hidden": "true" });
  const brush = /** @type {CanvasRenderingContext2D} */ (el.getContext("2d"));
  let size = { width: 0, height: 0 };
  let grids = /** @type {number[]} */ ([]);
  let shown = 0;
  /** @type {(() => void) | null} */
  let redraw = null;
  let frame = 0;

  /** Draws once before the next frame of the screen. @param {() => void} draw */
  function schedule(draw) {
    redraw = draw;
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      redraw?.();
    });
  }
  signal.addEventListener("abort", () => cancelAnimationFrame(frame));

  /** Cells in view, and whether the image of each is there. @param {Grid} grid @param {View} view */
  function seen(grid, view) {
    const found = [];
    for (let cell = 0; cell < grid.counts.length; cell += 1) {
      const box = boxOf(view, size, grid.size, grid.places[2 * cell] ?? 0, grid.places[2 * cell + 1] ?? 0);
      if (isSeen(box, size)) found.push({ cell, box });
    }
    return found;
  }

  /** The grid to draw. @param {View} view */
  function chosen(view) {
    const wanted = gridFor(grids, scaleOf(view, size));
    if (wanted === shown || !size.width) return cells.grid(wanted);
    const grid = cells.grid(wanted);
    const before = grids.includes(shown) ? cells.grid(shown) : null;
    if (!grid) return before;
    const waiting = seen(grid, view).filter(({ cell }) => !cells.tile(grid.size, cell) && !cells.isUnfinished(grid.size, cell));
    if (before && waiting.length) return before;
    shown = wanted;
    return grid;
  }

  /** @param {View} view @param {Marks} marks */
  function draw(view, marks) {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (!width || !height) return;
    if (el.width !== width || el.height !== height) [el.width, el.height] = [width, height];
    cells.forgetRequests();
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.clearRect(0, 0, size.width, size.height);
    const grid = chosen(view);
    el.dataset.grid = String(grid?.size ?? "");
    if (!grid) return;
    const style = getComputedStyle(el);
    const scores = marks.label ? cells.scores(grid.size, marks.label, marks.minus) : null;
    const most = scores ? Math.max(1e-12, ...scores.map(Math.abs)) : 1;
    const color = signed(most);
    let drawn = 0;
    for (const { cell, box } of seen(grid, view)) {
      const side = box.right - box.left;
      const gap = Math.min(3, side * GAP) / 2;
      const [left, top, inner] = [box.left + gap, box.top + gap, side - 2 * gap];
      const image = cells.tile(grid.size, cell);
      const score = scores?.[cell] ?? 0;
      const strength = scores ? (Math.abs(score) / most) ** CURVE : 1;
      if (image) {
        brush.globalAlpha = FAINTEST + (1 - FAINTEST) * strength;
        // The middle of an image that is not square.
        const part = Math.min(image.width, image.height);
        brush.imageSmoothingQuality = "high";
        brush.drawImage(image, (image.width - part) / 2, (image.height - part) / 2, part, part, left, top, inner, inner);
        drawn += 1;
      } else {
        brush.globalAlpha = 0.08;
        brush.fillStyle = style.color;
        brush.fillRect(left, top, inner, inner);
      }
      brush.globalAlpha = 1;
      if (scores && strength > 0.15) {
        const [red, green, blue] = color(score);
        brush.strokeStyle = `rgb(${red} ${green} ${blue} / ${strength})`;
        const line = Math.max(1.5, Math.min(4, inner * 0.06));
        brush.lineWidth = line;
        brush.strokeRect(left + line / 2, top + line / 2, inner - line, inner - line);
      }
    }
    el.dataset.drawn = String(drawn);
    outline(grid, view, marks.kept, style.outlineColor, 3);
    if (marks.pointed && (marks.pointed.cell !== marks.kept?.cell || marks.pointed.grid !== marks.kept.grid)) outline(grid, view, marks.pointed, style.color, 2);
  }

  /** @param {Grid} grid @param {View} view @param {Place | null} place @param {string} color @param {number} line */
  function outline(grid, view, place, color, line) {
    const of = place ? (place.grid === grid.size ? grid : cells.grid(place.grid)) : null;
    if (!place || !of) return;
    const box = boxOf(view, size, of.size, of.places[2 * place.cell] ?? 0, of.places[2 * place.cell + 1] ?? 0);
    const side = box.right - box.left;
    // A line in the color of the background on both sides, so that it shows on every image.
    for (const [width, stroke] of /** @type {[number, string][]} */ ([[line + 2, getComputedStyle(el).backgroundColor], [line, color]])) {
      brush.lineWidth = width;
      brush.strokeStyle = stroke;
      brush.strokeRect(box.left, box.top, side, side);
    }
  }

  return {
    el,

    /** @param {{width: number, height: number}} newest in CSS pixels */
    resize(newest) {
      size = newest;
    },

    /** @param {number[]} newest ascending */
    offer(newest) {
      grids = newest;
    },

    get size() {
      return size;
    },

    /** The grid that is drawn. @param {View} view */
    grid: (view) => chosen(view),

    /** @param {View} view @param {Marks} marks */
    draw: (view, marks) => schedule(() => draw(view, marks)),
  };
}
