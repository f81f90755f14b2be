import { text } from "../../core/text/common.js";
import { playerText } from "../../core/text/player.js";
import { toBytes } from "../../core/wire/bytes.js";
import { ACTIVE } from "../../core/wire/stream.js";
import { formatCount } from "../../core/text/format.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";

const words = playerText.runPlayer;

/** Time in ms after an input of the user during which the list scrolls because of it. */
const TOUCH = 1000;

/**
 * Thumbnails of the run so far. Selecting one pins it in this view while the run continues. The last thumbnail or Escape
 * returns to the latest image.
 *
 * @param {import("../../widget.js").Context} context
 * @param {ReturnType<typeof import("./image_view.js").createImageView>} imageView
 * @param {() => void} onPlay plays the run as an animation
 */
export function createFilmstrip(context, imageView, onPlay) {
  const { session, signal, on } = context;
  const list = h("div", { class: "lucidw-filmstrip-list", role: "listbox", "aria-label": text.filmstrip, "aria-orientation": "horizontal", "data-lucidw": "filmstrip" });
  const newest = createButton(context, { name: "newest", label: text.latest, tip: text.latestTip, press: release });
  const play = createButton(context, { name: "play-run", label: words.play, tip: words.playTip, glyph: "run", look: "lucidw-square", bare: true, press: onPlay });
  const el = h("div", { class: "lucidw-filmstrip", hidden: true }, play.el, list, newest.el);
  /** @type {number[]} */
  let steps = [];
  /** Step of the pinned image; null while the latest is shown. @type {number | null} */
  let pinned = null;
  let url = "";
  /** @type {unknown} */
  let shown = null;
  let following = true;
  let touched = -Infinity;

  /** @param {number} step */
  async function pin(step) {
    if (step === steps.at(-1)) return release();
    pinned = step;
    mark();
    const small = await thumbnail(step);
    if (pinned !== step || signal.aborted) return small?.close();
    // The thumbnail is available immediately. Without a kernel it is not replaced by the full-size image.
    const objective = session.get("_filmstrip")?.objectives?.[steps.indexOf(step)] ?? null;
    if (small) imageView.pin(small, step, objective);
    const answer = await session.command("recorded_frame", { step }).catch(() => null);
    const bytes = answer?.buffers[0];
    if (!bytes || pinned !== step || signal.aborted) return;
    const large = await createImageBitmap(new Blob([bytes], { type: answer.value.mime }));
    if (pinned === step && !signal.aborted) imageView.pin(large, step, objective);
    else large.close();
  }

  function release() {
    pinned = null;
    imageView.pin(null, 0);
    mark();
    following = true;
    follow();
  }

  /** @param {number} step */
  async function thumbnail(step) {
    const film = session.get("_filmstrip");
    const index = steps.indexOf(step);
    if (index < 0 || !film?.width) return null;
    const sheet = new Blob([toBytes(session.get("_filmstrip_sheet"))], { type: "image/webp" });
    return createImageBitmap(sheet, index * film.width, 0, film.width, film.height).catch(() => null);
  }

  /** Scrolls to the latest frame, unless the user has scrolled away from it. */
  function follow() {
    if (following) list.scrollLeft = list.scrollWidth;
  }

  for (const type of ["wheel", "pointerdown", "touchmove", "keydown"]) {
    on(list, type, () => (touched = performance.now()), { passive: true });
  }
  on(list, "scroll", () => {
    // Hosts also scroll the list when they hide or move the widget, so only the user's scrolling counts.
    if (performance.now() - touched < TOUCH) following = list.scrollLeft + list.clientWidth >= list.scrollWidth - 4;
  });
  const seen = new IntersectionObserver(follow);
  const resized = new ResizeObserver(follow);
  seen.observe(list);
  resized.observe(list);
  signal.addEventListener("abort", () => {
    seen.disconnect();
    resized.disconnect();
  });

  /** Marks the shown frame as selected and focusable. */
  function mark() {
    const current = pinned ?? steps.at(-1);
    for (const [index, option] of [...list.children].entries()) {
      const selected = steps[index] === current;
      option.setAttribute("aria-selected", String(selected));
      option.setAttribute("tabindex", selected ? "0" : "-1");
    }
    newest.el.hidden = pinned === null;
  }

  /** @param {{steps: number[], objectives: (number | null)[], width: number, height: number}} film */
  function draw(film) {
    const focused = list.contains(document.activeElement);
    if (url) URL.revokeObjectURL(url);
    url = URL.createObjectURL(new Blob([toBytes(session.get("_filmstrip_sheet"))], { type: "image/webp" }));
    steps = film.steps;
    const count = steps.length;
    list.replaceChildren(
      ...steps.map((step, index) => {
        const small = h("span", { class: "lucidw-filmstrip-image" });
        small.style.backgroundImage = `url("${url}")`;
        small.style.backgroundSize = `${count * 100}% 100%`;
        small.style.backgroundPosition = `${(index / (count - 1)) * 100}% 0`;
        small.style.aspectRatio = `${film.width} / ${film.height}`;
        const option = h("div", { class: "lucidw-filmstrip-frame", role: "option", "data-step": step, "aria-label": text.filmstripFrame(step, film.objectives[index] ?? null) });
        option.append(small, h("span", { class: "lucidw-filmstrip-step" }, formatCount(step)));
        return option;
      }),
    );
    if (pinned !== null && !steps.includes(pinned)) release();
    mark();
    follow();
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector('[tabindex="0"]'))?.focus({ preventScroll: true });
  }

  on(list, "click", (event) => {
    const option = /** @type {HTMLElement} */ (event.target).closest("[data-step]");
    if (!option) return;
    pin(Number(option.getAttribute("data-step")));
    /** @type {HTMLElement} */ (option).focus({ preventScroll: true });
  });
  on(list, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = steps.indexOf(pinned ?? steps.at(-1) ?? 0);
    const last = steps.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, Escape: pinned === null ? undefined : last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    pin(/** @type {number} */ (steps[Math.max(0, Math.min(last, to))]));
    const option = /** @type {HTMLElement} */ (list.querySelector('[tabindex="0"]'));
    option.focus({ preventScroll: true });
    option.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  signal.addEventListener("abort", () => {
    if (url) URL.revokeObjectURL(url);
  });

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const film = state._filmstrip ?? {};
      const there = Boolean(film.steps?.length);
      // While a run begins it keeps its place, so that nothing moves.
      el.hidden = !there && (el.hidden || !ACTIVE.has(state.status));
      el.toggleAttribute("data-empty", !there);
      setText(newest.caption, text.latest);
      if (film === shown) return;
      shown = film;
      if (there) draw(film);
      else {
        steps = [];
        if (el.hidden) list.replaceChildren();
        if (pinned !== null) release();
      }
    },
  };
}
