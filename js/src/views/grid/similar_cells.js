import { gridText } from "../../core/text/grid.js";
import { h, setText } from "../base/dom.js";

/** Delay in ms before Python is asked, because the pointer may only pass over a cell. */
const PAUSE = 150;
/** Most answers that are kept. */
const MOST_KEPT = 300;

/**
 * The channels whose stored images resemble that of a channel most, as small buttons.
 *
 * @param {import("../../widget.js").Context} context
 * @param {(place: number) => void} go shows another cell
 */
export function createSimilarCells({ session, signal, on }, go) {
  const cellImages = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (session.cellImages);
  const list = h("ul", { class: "lucidw-similar-list", "data-lucidw": "similar" });
  const el = h("div", { class: "lucidw-similar", hidden: true }, h("p", { class: "lucidw-heading" }, gridText.similar), list);
  /** The answers of Python, by cells, channel and what the store had. @type {Map<string, number[]>} */
  const known = new Map();
  /** @type {{place: number, canvas: HTMLCanvasElement, drawn: unknown}[]} */
  let shown = [];
  let key = "";
  /** @type {unknown} */
  let timer = null;
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});

  function draw() {
    for (const one of shown) {
      const cell = cellImages.cell(one.place);
      if (!cell?.bitmap || one.drawn === cell) continue;
      one.drawn = cell;
      const side = Math.max(1, Math.round(44 * devicePixelRatio));
      one.canvas.width = one.canvas.height = side;
      const ctx = /** @type {CanvasRenderingContext2D} */ (one.canvas.getContext("2d"));
      ctx.imageSmoothingQuality = "high";
      ctx.drawImage(cell.bitmap, 0, 0, side, side);
    }
  }

  /** @param {number[]} units */
  function fill(units) {
    const places = units.map((unit) => state.units.indexOf(unit)).filter((place) => place >= 0);
    el.hidden = places.length === 0;
    shown = places.map((place) => ({ place, canvas: h("canvas", { width: 1, height: 1, "aria-hidden": "true" }), drawn: null }));
    list.replaceChildren(
      ...shown.map(({ place, canvas }) => {
        const unit = /** @type {number} */ (state.units[place]);
        const label = state.labels?.[unit] ?? "";
        const caption = h("span", { class: "lucidw-similar-name" });
        setText(caption, label || String(unit));
        const name = gridText.name(state.kind, unit, label);
        return h("li", {}, h("button", { type: "button", class: "lucidw-similar-cell", "data-place": place, "aria-label": name, title: name }, canvas, caption));
      }),
    );
    cellImages.show(el, places);
    draw();
  }

  async function ask(/** @type {string} */ asked, /** @type {number} */ unit) {
    try {
      const { value } = await session.command("about", { unit });
      if (known.size >= MOST_KEPT) known.clear();
      known.set(asked, value?.related ?? []);
    } catch (error) {
      console.warn("lucid_widgets: no similar images", error);
      return;
    }
    if (asked === key && !signal.aborted) fill(known.get(asked) ?? []);
  }

  on(list, "click", (event) => {
    const button = /** @type {HTMLElement | null} */ (event.target.closest("[data-place]"));
    if (button) go(Number(button.dataset.place));
  });
  signal.addEventListener("abort", () => {
    session.clock.stop(timer);
    cellImages.leave(el);
  });

  return {
    el,

    /** @param {WidgetState} newest @param {number} unit channel; -1 for none */
    show(newest, unit) {
      state = newest;
      const offered = Boolean(state._store?.variants) && unit >= 0 && session.hasKernel && !session.offline;
      const now = offered ? `${state._board} ${state._store.done} ${unit}` : "";
      if (now === key) return draw();
      key = now;
      session.clock.stop(timer);
      timer = null;
      const found = known.get(key);
      if (!offered || found) return fill(found ?? []);
      timer = session.clock.start(() => ask(now, unit), PAUSE);
    },
  };
}
