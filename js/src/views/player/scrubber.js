import { ticksEvery } from "../../core/run/playback.js";
import { playerText } from "../../core/text/player.js";
import { h, setValue, svg } from "../base/dom.js";

/**
 * A slider for the current frame, with one tick per frame.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./player_state.js").PlayerState} options.playerState
 * @param {import("./playback_clock.js").PlaybackClock} options.playback
 * @param {() => number} options.count
 * @param {(frame: number) => string} options.describe description of a frame for screen readers
 */
export function createScrubber({ on, signal }, { playerState, playback, count, describe }) {
  const input = h("input", { type: "range", class: "lucidw-scrubber-input", min: 0, max: 0, step: 1, value: 0, "aria-label": playerText.scrubber, title: playerText.scrubberTip, "data-lucidw": "scrubber" });
  // Dashes of length zero with round caps are dots, evenly spaced at any width.
  const dots = svg("line", { x1: 0, x2: "100%", y1: 2, y2: 2, class: "lucidw-dots" });
  // The last dot needs a circle, since a dash that starts at the end of the line is not drawn.
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
    wasPlaying = Boolean(playerState.get("playing"));
    if (wasPlaying) playback.pause();
  });
  for (const type of ["pointerup", "pointercancel"]) {
    on(input, type, () => {
      if (wasPlaying) playback.play();
      wasPlaying = false;
    });
  }
  on(input, "input", () => {
    if (playerState.get("playing")) playback.pause();
    playback.seek(Number(input.value));
  });

  return {
    el,

    update() {
      const last = String(count() - 1);
      if (input.max !== last) {
        input.max = last;
        layOut();
      }
      const { frame } = playback.moment;
      const value = String(frame);
      setValue(input, value);
      input.disabled = count() < 2;
      // During playback, a screen reader would announce every frame.
      if (!playerState.get("playing")) input.setAttribute("aria-valuetext", describe(frame));
    },
  };
}
