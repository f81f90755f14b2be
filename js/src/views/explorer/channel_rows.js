import { formatObjective } from "../../core/text/format.js";
import { explorerText } from "../../core/text/explorer.js";
import { FAILED } from "../grid/cell_images.js";
import { h, setText } from "../base/dom.js";

/** @typedef {{unit: number, value: number, name?: string, tip?: string, note?: string}} Row */

/**
 * A list of channels or groups: feature image, name, bar and value of each. Images appear as they are made. A row is a button
 * that opens its channel; hover and focus show its map.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./look.js").Look} look
 * @param {object} options
 * @param {string} options.name for tests
 * @param {string} options.tone "plain", "for" or "against"
 * @param {(unit: number) => void} options.open
 */
export function createChannelRows({ session, on, signal }, look, { name, tone, open }) {
  const images = /** @type {NonNullable<import("../../session.js").Session["cellImages"]>} */ (session.cellImages);
  const el = h("div", { class: `lucidw-explorer-rows lucidw-tone-${tone}`, role: "list", "data-lucidw": name });
  /** @type {{item: HTMLElement, button: HTMLElement, canvas: HTMLCanvasElement, kind: HTMLElement, name: HTMLElement, bar: HTMLElement, value: HTMLElement, unit: number, drawn: unknown}[]} */
  const rows = [];

  function createRow() {
    const canvas = h("canvas", { class: "lucidw-explorer-thumb", width: 1, height: 1, "aria-hidden": "true" });
    const kind = h("span", { class: "lucidw-visually-hidden" });
    const words = h("span");
    const bar = h("span", { class: "lucidw-explorer-bar" });
    const value = h("span", { class: "lucidw-explorer-value" });
    const button = h("button", { type: "button", class: "lucidw-explorer-row" }, canvas, h("span", { class: "lucidw-explorer-words" }, h("span", { class: "lucidw-explorer-name" }, kind, words), h("span", { class: "lucidw-explorer-track" }, bar), value));
    const item = h("div", { role: "listitem" }, button);
    el.append(item);
    rows.push({ item, button, canvas, kind, name: words, bar, value, unit: -1, drawn: undefined });
  }

  /** @param {Event} event */
  const unitOf = (event) => rows.find((row) => row.button.contains(/** @type {Node} */ (event.target)))?.unit ?? null;
  on(el, "pointerover", (event) => look.show(unitOf(event)));
  on(el, "pointerleave", () => look.show(null));
  on(el, "focusin", (event) => look.show(unitOf(event)));
  on(el, "focusout", () => look.show(null));
  on(el, "click", (event) => {
    const unit = unitOf(event);
    if (unit !== null) open(unit);
  });
  signal.addEventListener("abort", () => images.leave(el), { once: true });

  return {
    el,

    /**
     * @param {Row[]} shown
     * @param {object} [options]
     * @param {number} [options.most] the value of a full bar; default: the largest
     * @param {boolean} [options.withImages] whether the cells of the grid belong to these rows
     * @param {boolean} [options.visible]
     */
    show(shown, { most = Math.max(...shown.map((row) => Math.abs(row.value)), 1e-12), withImages = true, visible = true } = {}) {
      while (rows.length < shown.length) createRow();
      for (const [index, row] of rows.entries()) {
        const one = shown[index];
        row.item.hidden = !one;
        row.unit = one?.unit ?? -1;
        if (!one) continue;
        const words = one.name ?? String(one.unit);
        const value = formatObjective(one.value);
        setText(row.name, words);
        setText(row.value, one.note ? `${value} ${one.note}` : value);
        setText(row.kind, one.name ? "" : explorerText.channel);
        row.button.title = one.tip ?? explorerText.openTip;
        row.button.toggleAttribute("data-looked", look.unit === one.unit);
        row.bar.style.width = `${Math.max(1, (100 * Math.abs(one.value)) / most)}%`;
        row.bar.toggleAttribute("data-negative", one.value < 0);
        paint(row, withImages ? images.cell(one.unit) : undefined);
      }
      if (visible && withImages && shown.length) images.show(el, shown.map((row) => row.unit));
      else images.leave(el);
    },
  };

  /** @param {typeof rows[number]} row @param {import("../grid/cell_images.js").Cell | undefined} cell */
  function paint(row, cell) {
    const side = Math.max(1, Math.round(devicePixelRatio * (row.canvas.clientWidth || 48)));
    row.canvas.toggleAttribute("data-failed", cell?.state === FAILED);
    if (row.drawn === cell && row.canvas.width === side) return;
    row.drawn = cell;
    row.canvas.width = row.canvas.height = cell?.bitmap ? side : 1;
    if (!cell?.bitmap) return;
    const context2d = /** @type {CanvasRenderingContext2D} */ (row.canvas.getContext("2d"));
    context2d.imageSmoothingQuality = "high";
    context2d.drawImage(cell.bitmap, 0, 0, side, side);
  }
}
