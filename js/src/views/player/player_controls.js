import { formatCount } from "../../core/text/format.js";
import { playerText } from "../../core/text/player.js";
import { createButton } from "../controls/button.js";
import { createRadioRow } from "../controls/radio_row.js";
import { h, setText, setUsable, setValue } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** Speeds in frames per second that the Slower and Faster buttons go through. */
const SPEEDS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 40, 50, 60];
const FPS_MIN = 0.1;
const FPS_MAX = 120;
const ZOOMS = [0, 1, 2, 3, 4, 6, 8, 16];

/**
 * The controls under the image of a player.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {import("./player_state.js").PlayerState} options.playerState
 * @param {import("./playback_clock.js").PlaybackClock} options.playback
 * @param {() => number} options.count
 */
export function createPlayerControls(context, { playerState, playback, count }) {
  const play = createButton(context, { name: "play", label: playerText.play, tip: playerText.playTip, glyph: "run", look: "lucidw-primary lucidw-square", bare: true, press: () => playback.toggle() });
  const stop = createButton(context, { name: "stop", label: playerText.stop, tip: playerText.stopTip, glyph: "stop", look: "lucidw-square", bare: true, press: () => playback.stop() });
  const previous = createButton(context, { name: "previous", label: playerText.previous, tip: playerText.previousTip, glyph: "previous", look: "lucidw-square", bare: true, press: () => playback.step(-1) });
  const next = createButton(context, { name: "next", label: playerText.next, tip: playerText.nextTip, glyph: "next", look: "lucidw-square", bare: true, press: () => playback.step(1) });
  const counter = h("span", { class: "lucidw-frame-count", "data-lucidw": "count" });
  const modes = createRadioRow(context, {
    name: "mode",
    label: playerText.mode,
    choices: playerText.modes,
    tips: playerText.modeTips,
    choose: (mode) => playerState.set({ mode }),
  });
  const fps = createSpeed(context, playerState);
  const fade = h("button", { type: "button", class: "lucidw-button lucidw-toggle", "data-lucidw": "crossfade", title: playerText.crossfadeTip }, playerText.crossfade);
  context.on(fade, "click", () => playerState.set({ crossfade: !playerState.get("crossfade") }));
  const zoom = h("select", { class: "lucidw-input lucidw-zoom", "aria-label": playerText.zoom, title: playerText.zoomTip, "data-lucidw": "zoom" });
  zoom.append(...ZOOMS.map((times) => h("option", { value: times }, times ? playerText.zoomOf(times) : playerText.zoomFit)));
  context.on(zoom, "change", () => playerState.set({ zoom: Number(zoom.value) }));
  const transport = h("div", { class: "lucidw-player-transport" }, play.el, stop.el, previous.el, next.el, counter);
  const settings = h("div", { class: "lucidw-player-settings" }, modes.el, fps.el, fade);

  return {
    transport,
    settings,
    zoom,

    update() {
      const playing = Boolean(playerState.get("playing"));
      const several = count() > 1;
      const name = playing ? "pause" : "play";
      if (play.el.dataset.command !== name) {
        play.el.dataset.command = name;
        play.el.setAttribute("aria-label", playerText[name]);
        play.el.title = playerText[`${name}Tip`];
        play.el.querySelector("svg")?.replaceWith(icon(playing ? "pause" : "run"));
      }
      for (const button of [play, stop, previous, next]) setUsable(button.el, several);
      const total = formatCount(count());
      setText(counter, playerText.count(formatCount(playback.moment.frame + 1), total));
      counter.style.minWidth = `${2 * total.length + 3}ch`;
      modes.show(playerState.get("mode"));
      fps.update();
      fade.setAttribute("aria-pressed", String(Boolean(playerState.get("crossfade"))));
      const value = Number(playerState.get("zoom")) || 0;
      if (!ZOOMS.includes(value) && ![...zoom.options].some((option) => option.value === String(value))) {
        zoom.append(h("option", { value }, playerText.zoomOf(value)));
      }
      setValue(zoom, String(value));
    },
  };
}

/** @param {import("../../widget.js").Context} context @param {import("./player_state.js").PlayerState} playerState */
function createSpeed(context, playerState) {
  const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", role: "spinbutton", class: "lucidw-input lucidw-number", "aria-label": playerText.fpsTip, "aria-valuemin": FPS_MIN, "aria-valuemax": FPS_MAX, title: playerText.fpsTip, "data-lucidw": "fps" });
  const slower = createButton(context, { name: "slower", label: playerText.slower, tip: playerText.slower, glyph: "minus", look: "lucidw-square", bare: true, press: () => move(-1) });
  const faster = createButton(context, { name: "faster", label: playerText.faster, tip: playerText.faster, glyph: "plus", look: "lucidw-square", bare: true, press: () => move(1) });
  const el = h("div", { class: "lucidw-speed" }, slower.el, input, faster.el, h("span", { "aria-hidden": "true" }, playerText.fps));
  let typing = false;
  const now = () => Number(playerState.get("fps")) || 1;

  /** @param {1 | -1} direction */
  function move(direction) {
    typing = false;
    const to = direction > 0 ? SPEEDS.find((speed) => speed > now()) : SPEEDS.findLast((speed) => speed < now());
    if (to !== undefined) playerState.set({ fps: to });
    update();
  }

  function commit() {
    if (!typing) return;
    typing = false;
    const typed = Number(input.value.replace(",", "."));
    if (input.value.trim() && Number.isFinite(typed)) playerState.set({ fps: Math.min(FPS_MAX, Math.max(FPS_MIN, typed)) });
    update();
  }

  function update() {
    if (typing) return;
    const shown = String(Number(now().toFixed(2)));
    setValue(input, shown);
    input.setAttribute("aria-valuenow", shown);
  }

  context.on(input, "input", () => (typing = true));
  context.on(input, "blur", commit);
  context.on(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
      commit();
      input.select();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      move(event.key === "ArrowUp" ? 1 : -1);
    } else if (event.key === "Escape" && typing) {
      event.preventDefault();
      typing = false;
      update();
    }
  });
  return { el, update };
}
