import { ticksEvery } from "../../core/run/playback.js";
import { text } from "../../core/text/player.js";
import { h, svg } from "../base/dom.js";

/**
 * The place in the animation: a slider with a tick a frame.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./plain_store.js").Store} options.store
 * @param {import("./playback_clock.js").Deck} options.deck
 * @param {() => number} options.count
 * @param {(frame: number) => string} options.describe a frame in words
 */
export function createScrubber({ on, signal }, { store, deck, count, describe }) {
  const input = h("input", { type: "range", class: "lucidw-scrubber-input", min: 0, max: 0, step: 1, value: 0, "aria-label": text.scrubber, title: text.scrubberTip, "data-lucidw": "scrubber" });
  // Dashes without length and with round ends are dots, at exact distances whatever the width.
  const dots = svg("line", { x1: 0, x2: "100%", y1: 2, y2: 2, class: "lucidw-dots" });
  // The dash that would start where the line ends is not drawn.
  const end = svg("circle", { cx: "100%", cy: 2, r: 1.3, class: "lucidw-dot-end" });
  const ticks = svg("svg", { class: "lucidw-ticks", "aria-hidden": "true" }, dots, end);
  const el = h("div", { class: "lucidw-scrubber" }, ticks, input);
  let wasPlaying = false;

  function layOut() {
    const last = count() - 1;
    const every = ticksEvery(count(), ticks.clientWidth);
    dots.setAttribute("pathLength", String(Math.max(1, last)));
    dots.setAttribute("stroke-dasharray", `0 ${every}`);
    end.setAttribute("visibility", last % every ? "hidden" : "visible");
  }
  const resized = new ResizeObserver(layOut);
  resized.observe(ticks);
  signal.addEventListener("abort", () => resized.disconnect());

  on(input, "pointerdown", () => {
    wasPlaying = Boolean(store.get("playing"));
    if (wasPlaying) deck.pause();
  });
  for (const type of ["pointerup", "pointercancel"]) {
    on(input, type, () => {
      if (wasPlaying) deck.play();
      wasPlaying = false;
    });
  }
  on(input, "input", () => {
    if (store.get("playing")) deck.pause();
    deck.seek(Number(input.value));
  });

  return {
    el,

    update() {
      const last = String(count() - 1);
      if (input.max !== last) {
        input.max = last;
        layOut();
      }
      const { frame } = deck.moment;
      const value = String(frame);
      if (input.value !== value) input.value = value;
      input.disabled = count() < 2;
      // While it plays, a screen reader would read out every frame.
      if (!store.get("playing")) input.setAttribute("aria-valuetext", describe(frame));
    },
  };
}
