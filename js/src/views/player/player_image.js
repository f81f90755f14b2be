import { formatCount } from "../../core/text/format.js";
import { fitted } from "../../core/layout/image_fit.js";
import { text as common } from "../../core/text/common.js";
import { text } from "../../core/text/player.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** Pointers tremble: a press that moves less than this many CSS pixels is a click. */
const STILL = 4;

/**
 * The picture of a player: the frame at hand, with exactly as many pixels as it has. Dragging moves through the frames.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./plain_store.js").Store} options.store
 * @param {import("./playback_clock.js").Deck} options.deck
 * @param {() => string} options.what names the animation
 */
export function createPlayerPicture({ signal, on }, { store, deck, what }) {
  const canvas = h("canvas", { role: "img", width: 0, height: 0, title: text.pictureTip, "data-lucidw": "canvas" });
  // Kept in memory, not on the graphics card: from there a browser sends the whole sheet anew for each frame that is cut
  // from it, which without a real card takes a tenth of a second.
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const size = h("span", { class: "lucidw-size" });
  const toggle = h("button", { type: "button", class: "lucidw-pixels", "data-lucidw": "pixelated", title: text.pixelated, "aria-label": text.pixelated });
  toggle.append(icon("grid"));
  const badge = h("div", { class: "lucidw-badge" }, toggle, size);
  const frame = h("div", { class: "lucidw-picture" }, canvas);
  const room = h("div", { class: "lucidw-room lucidw-player-room" }, frame);
  const el = h("div", { class: "lucidw-player-view" }, room, badge);
  /** @type {import("./sprite_frames.js").Reel | null} */
  let reel = null;
  let visible = false;
  let shown = "";
  let draws = 0;
  let fittedTo = "";

  function draw() {
    if (!reel || !visible) return;
    const { frame: index, next, fraction } = deck.moment;
    const share = store.get("crossfade") && store.get("playing") ? fraction : 0;
    const now = share > 0 ? `${index} ${share}` : String(index);
    if (now === shown) return;
    shown = now;
    reel.draw(ink, index, next, share);
    draws += 1;
    canvas.dataset.frame = String(index);
    canvas.dataset.draws = String(draws);
  }

  function fit() {
    if (!reel || !room.clientWidth) return;
    const { width, height } = reel.meta;
    const pixelated = Boolean(store.get("pixelated"));
    const density = window.devicePixelRatio || 1;
    const zoom = Number(store.get("zoom")) || 0;
    // Measuring the page at each frame would make the browser lay it out each time.
    fittedTo = `${zoom} ${pixelated}`;
    const box = fitted({ width, height, room: room.clientWidth, density, zoom, pixelated });
    frame.style.width = `${box.width}px`;
    frame.style.height = `${box.height}px`;
    canvas.classList.toggle("lucidw-crisp", box.crisp);
    toggle.hidden = !box.enlarged;
    toggle.setAttribute("aria-pressed", String(pixelated));
    // Only a picture that is larger than its room can be moved about in it, by keys too.
    room.tabIndex = zoom > 0 && (box.width > room.clientWidth + 1 || box.height > room.clientHeight + 1) ? 0 : -1;
  }

  const resized = new ResizeObserver(fit);
  resized.observe(room);
  const seen = new IntersectionObserver((entries) => {
    visible = entries.at(-1)?.isIntersecting ?? false;
    // A browser may empty a canvas that was out of sight for long.
    shown = "";
    draw();
  });
  seen.observe(el);
  deck.subscribe(draw, signal);
  signal.addEventListener("abort", () => {
    resized.disconnect();
    seen.disconnect();
    canvas.width = canvas.height = 0;
  });

  /** @type {{x: number, moved: boolean, playing: boolean} | null} */
  let held = null;

  /** @param {PointerEvent} event */
  function scrub(event) {
    const box = canvas.getBoundingClientRect();
    const count = reel?.meta.count ?? 1;
    const share = (event.clientX - box.left) / box.width;
    const to = Math.floor(share * count);
    if (to !== deck.moment.frame) deck.seek(to);
  }
  on(canvas, "pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0 || !reel) return;
    held = { x: event.clientX, moved: false, playing: Boolean(store.get("playing")) };
    canvas.setPointerCapture(event.pointerId);
  });
  on(canvas, "pointermove", (/** @type {PointerEvent} */ event) => {
    if (!held) return;
    if (!held.moved && Math.abs(event.clientX - held.x) < STILL) return;
    if (!held.moved && held.playing) deck.pause();
    held.moved = true;
    scrub(event);
  });
  on(canvas, "pointerup", () => {
    if (held && !held.moved) deck.toggle();
    else if (held?.playing) deck.play();
    held = null;
  });
  on(canvas, "pointercancel", () => {
    held = null;
  });
  // JupyterLab's own menu would hide the browser's "Save image as".
  on(canvas, "contextmenu", (event) => event.stopPropagation());
  on(toggle, "click", () => store.set({ pixelated: !store.get("pixelated") }));

  return {
    el,
    canvas,
    fit,

    /** @param {import("./sprite_frames.js").Reel} newest */
    load(newest) {
      reel = newest;
      const { width, height } = reel.meta;
      canvas.width = width;
      canvas.height = height;
      setText(size, width === height ? common.pixels(formatCount(width)) : common.pixelsOf(formatCount(width), formatCount(height)));
      shown = "";
      fit();
      draw();
    },

    update() {
      if (fittedTo !== `${Number(store.get("zoom")) || 0} ${Boolean(store.get("pixelated"))}`) fit();
      draw();
      if (reel) canvas.setAttribute("aria-label", text.picture(what(), deck.moment.frame + 1, reel.meta.count));
    },
  };
}
