import { formatCount } from "../../core/text/format.js";
import { fitted } from "../../core/layout/image_fit.js";
import { text } from "../../core/text/common.js";
import { playerText } from "../../core/text/player.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** A press that moves less than this many CSS pixels counts as a click. */
const STILL = 4;

/**
 * The image of a player: the current frame, with exactly its pixels. Dragging moves through the frames.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./player_state.js").PlayerState} options.playerState
 * @param {import("./playback_clock.js").PlaybackClock} options.playback
 * @param {() => string} options.what names the animation
 */
export function createPlayerImage({ signal, on }, { playerState, playback, what }) {
  const canvas = h("canvas", { role: "img", width: 0, height: 0, title: playerText.imageTip, "data-lucidw": "canvas" });
  // In main memory and not on the GPU, because the browser would upload the whole sprite sheet for each frame. Without a
  // real GPU that takes a tenth of a second.
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const size = h("span", { class: "lucidw-size" });
  const toggle = h("button", { type: "button", class: "lucidw-pixels", "data-lucidw": "pixelated", title: playerText.pixelated, "aria-label": playerText.pixelated });
  toggle.append(icon("grid"));
  const badge = h("div", { class: "lucidw-badge" }, toggle, size);
  // Within the image, so that it stays at its corner wherever the layout puts the image.
  const frame = h("div", { class: "lucidw-image" }, canvas, badge);
  const room = h("div", { class: "lucidw-image-box lucidw-player-image-box" }, frame);
  const el = h("div", { class: "lucidw-player-view" }, room);
  /** @type {import("./sprite_frames.js").SpriteFrames | null} */
  let sprites = null;
  let visible = false;
  let shown = "";
  let draws = 0;
  let fittedTo = "";

  function draw() {
    if (!sprites || !visible) return;
    const { frame: index, next, fraction } = playback.moment;
    const share = playerState.get("crossfade") && playerState.get("playing") ? fraction : 0;
    const now = share > 0 ? `${index} ${share}` : String(index);
    if (now === shown) return;
    shown = now;
    sprites.draw(ctx, index, next, share);
    draws += 1;
    canvas.dataset.frame = String(index);
    canvas.dataset.draws = String(draws);
  }

  function fit() {
    if (!sprites || !room.clientWidth) return;
    const { width, height } = sprites.meta;
    const pixelated = Boolean(playerState.get("pixelated"));
    const density = window.devicePixelRatio || 1;
    const zoom = Number(playerState.get("zoom")) || 0;
    // Measuring the page at every frame would force a layout each time.
    fittedTo = `${zoom} ${pixelated}`;
    const box = fitted({ width, height, room: room.clientWidth, density, zoom, pixelated });
    frame.style.width = `${box.width}px`;
    frame.style.height = `${box.height}px`;
    canvas.classList.toggle("lucidw-crisp", box.crisp);
    toggle.hidden = !box.enlarged;
    toggle.setAttribute("aria-pressed", String(pixelated));
    // Only an image that is larger than its box can be scrolled, also by keyboard.
    room.tabIndex = zoom > 0 && (box.width > room.clientWidth + 1 || box.height > room.clientHeight + 1) ? 0 : -1;
  }

  const resized = new ResizeObserver(fit);
  resized.observe(room);
  const seen = new IntersectionObserver((entries) => {
    visible = entries.at(-1)?.isIntersecting ?? false;
    // Browsers may clear a canvas that was hidden for long.
    shown = "";
    draw();
  });
  seen.observe(el);
  playback.subscribe(draw, signal);
  signal.addEventListener("abort", () => {
    resized.disconnect();
    seen.disconnect();
    canvas.width = canvas.height = 0;
  });

  /** @type {{x: number, moved: boolean, playing: boolean} | null} */
  let press = null;

  /** @param {PointerEvent} event */
  function scrub(event) {
    const box = canvas.getBoundingClientRect();
    const count = sprites?.meta.count ?? 1;
    const share = (event.clientX - box.left) / box.width;
    const to = Math.floor(share * count);
    if (to !== playback.moment.frame) playback.seek(to);
  }
  on(canvas, "pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0 || !sprites) return;
    press = { x: event.clientX, moved: false, playing: Boolean(playerState.get("playing")) };
    canvas.setPointerCapture(event.pointerId);
  });
  on(canvas, "pointermove", (/** @type {PointerEvent} */ event) => {
    if (!press) return;
    if (!press.moved && Math.abs(event.clientX - press.x) < STILL) return;
    if (!press.moved && press.playing) playback.pause();
    press.moved = true;
    scrub(event);
  });
  on(canvas, "pointerup", () => {
    if (press && !press.moved) playback.toggle();
    else if (press?.playing) playback.play();
    press = null;
  });
  on(canvas, "pointercancel", () => {
    press = null;
  });
  // JupyterLab's context menu would replace the browser's, which has "Save image as".
  on(canvas, "contextmenu", (event) => event.stopPropagation());
  on(toggle, "click", () => playerState.set({ pixelated: !playerState.get("pixelated") }));

  return {
    el,
    canvas,
    fit,

    /** @param {import("./sprite_frames.js").SpriteFrames} newest */
    load(newest) {
      sprites = newest;
      const { width, height } = sprites.meta;
      canvas.width = width;
      canvas.height = height;
      setText(size, width === height ? text.pixels(formatCount(width)) : text.pixelsOf(formatCount(width), formatCount(height)));
      shown = "";
      fit();
      draw();
    },

    update() {
      if (fittedTo !== `${Number(playerState.get("zoom")) || 0} ${Boolean(playerState.get("pixelated"))}`) fit();
      draw();
      if (sprites) canvas.setAttribute("aria-label", playerText.imageLabel(what(), playback.moment.frame + 1, sprites.meta.count));
    },
  };
}
