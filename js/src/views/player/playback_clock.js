import { advance, momentAt, positionOf, startAt, stepFrom } from "../../core/run/playback.js";
import { createListeners } from "../../core/wire/listeners.js";

/** Interval in ms at which the current frame is sent to Python during playback. */
const TELL_EVERY = 500;

/** @typedef {ReturnType<typeof createPlaybackClock>} PlaybackClock */

/**
 * The clock that all views of an animation share. It turns time into a position and keeps `frame` and `playing` in the
 * player state up to date. It also follows changes of these by Python, another view or a linked widget. It stands still
 * while there is no view: a notebook that is closed removes views, but JupyterLab keeps the widget.
 *
 * @param {object} options
 * @param {import("./player_state.js").PlayerState} options.playerState with frame, playing, fps, mode
 * @param {() => number} options.count number of frames
 * @param {AbortSignal} options.signal
 */
export function createPlaybackClock({ playerState, count, signal }) {
  const listeners = createListeners();
  let position = Number(playerState.get("frame")) || 0;
  let request = 0;
  /** @type {number | null} time of the last repaint; null if the next repaint starts the clock */
  let last = null;
  let told = 0;
  let drawn = -1;

  const mode = () => playerState.get("mode");
  const moment = () => momentAt(position, count(), mode());

  /** Whether time passes. Each view has listeners. */
  const plays = () => Boolean(playerState.get("playing")) && count() > 1 && listeners.size() > 0 && !signal.aborted;

  function tell() {
    listeners.notify();
  }

  /** @param {number} now */
  function tick(now) {
    request = 0;
    if (!plays()) return;
    request = requestAnimationFrame(tick);
    if (last === null) {
      last = now;
      return;
    }
    const next = advance(position, now - last, playerState.get("fps"), count(), mode());
    last = now;
    position = next.position;
    const { frame } = moment();
    if (next.over) playerState.set({ frame, playing: false });
    else if (frame !== playerState.get("frame")) {
      const passing = now - told < TELL_EVERY;
      if (!passing) told = now;
      playerState.set({ frame }, { passing });
    }
    if (playerState.get("crossfade") || frame !== drawn) {
      drawn = frame;
      tell();
    }
  }

  /** Starts or stops playback, as the player state says. */
  function start() {
    const playing = plays();
    if (playing && !request) {
      last = null;
      // After the end, playback starts from the beginning.
      if (mode() === "once" && Number(playerState.get("frame")) >= count() - 1) position = 0;
      if (Number.isInteger(position)) position = startAt(position, playerState.get("fps"));
      request = requestAnimationFrame(tick);
    } else if (!playing && request) {
      cancelAnimationFrame(request);
      request = 0;
    }
  }

  /** Follows the player state. */
  function follow() {
    const frame = Number(playerState.get("frame")) || 0;
    if (moment().frame !== frame) position = positionOf(Math.min(frame, Math.max(0, count() - 1)), count(), mode(), position);
    start();
    tell();
  }

  playerState.subscribe(follow, signal);
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(request);
    listeners.clear();
  });
  follow();

  /** @param {number} frame */
  function seek(frame) {
    const to = Math.min(Math.max(0, frame), count() - 1);
    position = positionOf(to, count(), mode(), position);
    playerState.set({ frame: to });
  }

  return {
    get moment() {
      return moment();
    },
    seek,
    follow,

    play() {
      playerState.set({ playing: true });
    },

    /** Pauses at a whole frame, so that the export of the current frame equals the view. */
    pause() {
      const { frame } = moment();
      position = positionOf(frame, count(), mode(), position);
      playerState.set({ playing: false, frame });
    },

    toggle() {
      if (playerState.get("playing")) this.pause();
      else this.play();
    },

    stop() {
      position = 0;
      playerState.set({ playing: false, frame: 0 });
    },

    /** @param {1 | -1} direction */
    step(direction) {
      const to = stepFrom(moment().frame, direction, count(), mode());
      position = to;
      playerState.set({ playing: false, frame: to });
    },

    /**
     * Calls a listener when another image must be drawn, until its signal aborts.
     * @param {() => void} listener @param {AbortSignal} until
     */
    subscribe(listener, until) {
      listeners.subscribe(listener, until);
      start();
    },
  };
}
