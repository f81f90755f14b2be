import { text } from "../../core/text/common.js";
import { text as player } from "../../core/text/player.js";
import { toBytes } from "../../core/wire/bytes.js";
import { formatCount } from "../../core/text/format.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";

const words = player.film;

/**
 * The run so far in small. Choosing a moment shows it in this view's picture, while the run goes on behind it; the last
 * moment, or Escape, leads back to the newest picture.
 *
 * @param {import("../../widget.js").Context} context
 * @param {ReturnType<typeof import("./image_view.js").createPicture>} picture
 * @param {() => void} onPlay plays it all as an animation
 */
export function createFilmstrip(context, picture, onPlay) {
  const { session, signal, on } = context;
  const list = h("div", { class: "lucidw-film-list", role: "listbox", "aria-label": text.film, "aria-orientation": "horizontal", "data-lucidw": "film" });
  const newest = createButton(context, { name: "newest", label: text.filmNewest, tip: text.filmNewestTip, press: release });
  const play = createButton(context, { name: "play-run", label: words.play, tip: words.playTip, glyph: "run", look: "lucidw-square", bare: true, press: onPlay });
  const el = h("div", { class: "lucidw-film", hidden: true }, play.el, list, newest.el);
  /** @type {number[]} */
  let steps = [];
  /** The moment that is held; null while the newest is shown. @type {number | null} */
  let held = null;
  let url = "";
  /** @type {unknown} */
  let shown = null;

  /** @param {number} step */
  async function hold(step) {
    if (step === steps.at(-1)) return release();
    held = step;
    mark();
    const small = await smallPicture(step);
    if (held !== step || signal.aborted) return small?.close();
    // The small one is there at once, and stays where there is no kernel to ask for the large one.
    if (small) picture.hold(small, step);
    const answer = await session.command("moment", { step }).catch(() => null);
    const bytes = answer?.buffers[0];
    if (!bytes || held !== step || signal.aborted) return;
    const large = await createImageBitmap(new Blob([bytes], { type: answer.value.mime }));
    if (held === step && !signal.aborted) picture.hold(large, step);
    else large.close();
  }

  function release() {
    held = null;
    picture.hold(null, 0);
    mark();
  }

  /** @param {number} step */
  async function smallPicture(step) {
    const film = session.get("film");
    const index = steps.indexOf(step);
    if (index < 0 || !film?.width) return null;
    const sheet = new Blob([toBytes(session.get("film_sheet"))], { type: "image/webp" });
    return createImageBitmap(sheet, index * film.width, 0, film.width, film.height).catch(() => null);
  }

  /** Says which moment is shown, and which of them takes the focus. */
  function mark() {
    const current = held ?? steps.at(-1);
    for (const [index, option] of [...list.children].entries()) {
      const selected = steps[index] === current;
      option.setAttribute("aria-selected", String(selected));
      option.setAttribute("tabindex", selected ? "0" : "-1");
    }
    newest.el.hidden = held === null;
  }

  /** @param {{steps: number[], objectives: (number | null)[], width: number, height: number}} film */
  function draw(film) {
    const focused = list.contains(document.activeElement);
    const atEnd = list.scrollLeft + list.clientWidth >= list.scrollWidth - 4;
    if (url) URL.revokeObjectURL(url);
    url = URL.createObjectURL(new Blob([toBytes(session.get("film_sheet"))], { type: "image/webp" }));
    steps = film.steps;
    const count = steps.length;
    list.replaceChildren(
      ...steps.map((step, index) => {
        const small = h("span", { class: "lucidw-film-picture" });
        small.style.backgroundImage = `url("${url}")`;
        small.style.backgroundSize = `${count * 100}% 100%`;
        small.style.backgroundPosition = `${(index / (count - 1)) * 100}% 0`;
        small.style.aspectRatio = `${film.width} / ${film.height}`;
        const option = h("div", { class: "lucidw-moment", role: "option", "data-step": step, "aria-label": text.filmMoment(step, film.objectives[index] ?? null) });
        option.append(small, h("span", { class: "lucidw-moment-step" }, formatCount(step)));
        return option;
      }),
    );
    if (held !== null && !steps.includes(held)) release();
    mark();
    if (atEnd) list.scrollLeft = list.scrollWidth;
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector('[tabindex="0"]'))?.focus({ preventScroll: true });
  }

  on(list, "click", (event) => {
    const option = /** @type {HTMLElement} */ (event.target).closest("[data-step]");
    if (!option) return;
    hold(Number(option.getAttribute("data-step")));
    /** @type {HTMLElement} */ (option).focus({ preventScroll: true });
  });
  on(list, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = steps.indexOf(held ?? steps.at(-1) ?? 0);
    const last = steps.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, Escape: held === null ? undefined : last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    hold(/** @type {number} */ (steps[Math.max(0, Math.min(last, to))]));
    const option = /** @type {HTMLElement} */ (list.querySelector('[tabindex="0"]'));
    option.focus({ preventScroll: true });
    option.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  signal.addEventListener("abort", () => {
    if (url) URL.revokeObjectURL(url);
  });

  return {
    el,

    /** @param {Record<string, any>} state */
    update(state) {
      const film = state.film ?? {};
      const there = Boolean(film.steps?.length);
      el.hidden = !there;
      setText(newest.caption, text.filmNewest);
      if (film === shown) return;
      shown = film;
      if (there) draw(film);
      else if (held !== null) release();
    },
  };
}
