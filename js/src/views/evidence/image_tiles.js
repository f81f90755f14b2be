import { formatObjective } from "../../core/text/format.js";
import { evidenceText } from "../../core/text/evidence.js";
import { toBytes } from "../../core/wire/bytes.js";
import { h, setText } from "../base/dom.js";

/**
 * An image as Python describes it. `box` is what the unit sees: top, left, bottom and right as shares of the image.
 * @typedef {{id: string, label: string, value: number, box: [number, number, number, number]}} RealImage
 */

export const KINDS = /** @type {const} */ (["most", "spread", "least"]);
/** @typedef {typeof KINDS[number]} Kind */

/**
 * Nine crops of real images. The whole image appears over a crop while the pointer or the focus is on it, with the crop
 * outlined.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createImageTiles({ session, signal, on }) {
  const whole = h("div", { class: "lucidw-whole", "aria-hidden": "true", hidden: true });
  const outline = h("span", { class: "lucidw-whole-outline" });
  const picture = h("div", { class: "lucidw-whole-image" }, outline);
  const words = h("span", { class: "lucidw-whole-words" });
  whole.append(picture, words);
  const list = h("ul", { class: "lucidw-tiles", "aria-label": evidenceText.images, "data-lucidw": "real-images" });
  const el = h("div", { class: "lucidw-tiles-frame" }, list, whole);
  /** @type {Record<"crops" | "wholes", string>} */
  const urls = { crops: "", wholes: "" };
  /** @type {unknown} */
  let drawn = null;
  /** @type {Record<string, any>} */
  let about = {};
  /** @type {Kind} */
  let kind = "most";
  /** Places of the images, with the values to show in place of their own. @type {{place: number, value: number}[] | null} */
  let order = null;

  /** @param {"crops" | "wholes"} name @param {any} bytes */
  function load(name, bytes) {
    if (urls[name]) URL.revokeObjectURL(urls[name]);
    urls[name] = URL.createObjectURL(new Blob([toBytes(bytes)], { type: "image/jpeg" }));
  }

  /** Shows one cell of a sheet, whatever the size of the element. @param {HTMLElement} element @param {string} url @param {number} place */
  function place(element, url, place) {
    const columns = about.columns ?? 9;
    element.style.backgroundImage = `url("${url}")`;
    element.style.backgroundSize = `${columns * 100}% ${KINDS.length * 100}%`;
    element.style.backgroundPosition = `${(place / Math.max(1, columns - 1)) * 100}% ${(KINDS.indexOf(kind) / (KINDS.length - 1)) * 100}%`;
  }

  /** @returns {RealImage[]} */
  const images = () => about.kinds?.[kind] ?? [];

  function draw() {
    const all = images();
    const shown = order ?? all.map((image, index) => ({ place: index, value: image.value }));
    const tiles = shown.flatMap(({ place: index, value: figure }) => {
      const image = all[index];
      if (!image) return [];
      const crop = h("span", { class: "lucidw-tile-image" });
      place(crop, urls.crops, index);
      const value = formatObjective(figure);
      const caption = h("span", { class: "lucidw-tile-words" }, h("span", { class: "lucidw-tile-value" }, value), " ", h("span", { class: "lucidw-tile-label" }, image.label));
      const button = h("button", { type: "button", class: "lucidw-tile", "data-place": index, "aria-label": evidenceText.image(value, image.label, image.id) }, crop, caption);
      return [h("li", {}, button)];
    });
    list.replaceChildren(...tiles);
    hide();
  }

  function hide() {
    whole.hidden = true;
  }

  /** @param {Event} event */
  function reveal(event) {
    const tile = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.("[data-place]"));
    if (!tile) return;
    const index = Number(tile.dataset.place);
    const image = images()[index];
    if (!image) return;
    const [width, height] = about.whole ?? [1, 1];
    picture.style.aspectRatio = `${width} / ${height}`;
    place(picture, urls.wholes, index);
    const [top, left, bottom, right] = image.box.map((share) => share * 100);
    Object.assign(outline.style, { top: `${top}%`, left: `${left}%`, width: `${/** @type {number} */ (right) - /** @type {number} */ (left)}%`, height: `${/** @type {number} */ (bottom) - /** @type {number} */ (top)}%` });
    setText(words, [image.label, image.id].filter(Boolean).join(" · "));
    whole.hidden = false;
    // Inside the frame, on the side of the crop that has more space.
    const frame = el.getBoundingClientRect();
    const at = tile.getBoundingClientRect();
    const across = at.left - frame.left > frame.width / 2 ? at.left - frame.left - whole.offsetWidth - 6 : at.right - frame.left + 6;
    whole.style.left = `${Math.max(0, Math.min(frame.width - whole.offsetWidth, across))}px`;
    whole.style.top = `${Math.max(0, Math.min(frame.height - whole.offsetHeight, at.top - frame.top))}px`;
  }

  on(list, "pointerover", reveal);
  on(list, "focusin", reveal);
  on(list, "click", reveal);
  on(list, "pointerleave", hide);
  on(list, "focusout", hide);
  on(list, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !whole.hidden) {
      event.preventDefault();
      hide();
    }
  });
  signal.addEventListener("abort", () => {
    for (const url of Object.values(urls)) if (url) URL.revokeObjectURL(url);
  });

  return {
    el,

    /** @param {WidgetState} state @param {Kind} chosen @param {typeof order} [wanted] another order of the images */
    show(state, chosen, wanted = null) {
      if (state._evidence === drawn && chosen === kind && wanted === order) return;
      // Python's own values follow those that were sent ahead. New tiles would flicker while the same sheets load again.
      const same = chosen === kind && wanted === order && JSON.stringify(state._evidence) === JSON.stringify(about);
      if (same) {
        drawn = state._evidence;
        return;
      }
      if (state._evidence !== drawn) {
        load("crops", session.get("_evidence_crops"));
        load("wholes", session.get("_evidence_wholes"));
      }
      drawn = state._evidence;
      about = state._evidence ?? {};
      kind = chosen;
      order = wanted;
      draw();
    },
  };
}
