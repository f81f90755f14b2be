import { advance, momentAt, positionOf, startAt, stepFrom } from "../../core/run/playback.js";

/** While playing, the newest frame reaches Python this often. */
const TELL_EVERY = 500;

/** @typedef {ReturnType<typeof createDeck>} Deck */

/**
 * Plays: the one clock of an animation, whoever shows it. Turns time into a position, and keeps `frame` and `playing` in
 * the store in step with it; whoever else sets these there (Python, another view, a linked widget) moves it likewise.
 *
 * @param {object} options
 * @param {import("./plain_store.js").Store} options.store with frame, playing, fps, mode
 * @param {() => number} options.count frames there are
 * @param {AbortSignal} options.signal
 */
export function createDeck({ store, count, signal }) {
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let position = Number(store.get("frame")) || 0;
  let request = 0;
  /** @type {number | null} time of the last repaint; null where the next one only starts the clock */
  let last = null;
  let told = 0;
  let drawn = -1;

  const mode = () => store.get("mode");
  const moment = () => momentAt(position, count(), mode());

  function tell() {
    for (const listener of [...listeners]) listener();
  }

  /** @param {number} now */
  function tick(now) {
    request = 0;
    if (!store.get("playing") || signal.aborted) return;
    request = requestAnimationFrame(tick);
    if (last === null) {
      last = now;
      return;
    }
    const next = advance(position, now - last, store.get("fps"), count(), mode());
    last = now;
    position = next.position;
    const { frame } = moment();
    if (next.over) store.set({ frame, playing: false });
    else if (frame !== store.get("frame")) {
      const passing = now - told < TELL_EVERY;
      if (!passing) told = now;
      store.set({ frame }, { passing });
    }
    if (store.get("crossfade") || frame !== drawn) {
      drawn = frame;
      tell();
    }
  }

  /** Follows what the store says by now. */
  function follow() {
    const frame = Number(store.get("frame")) || 0;
    if (moment().frame !== frame) position = positionOf(Math.min(frame, Math.max(0, count() - 1)), count(), mode(), position);
    const playing = Boolean(store.get("playing")) && count() > 1;
    if (playing && !request) {
      last = null;
      // Once over, playing means from the start.
      if (mode() === "once" && frame >= count() - 1) position = 0;
      if (Number.isInteger(position)) position = startAt(position, store.get("fps"));
      request = requestAnimationFrame(tick);
    } else if (!playing && request) {
      cancelAnimationFrame(request);
      request = 0;
    }
    tell();
  }

  store.subscribe(follow, signal);
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(request);
    listeners.clear();
  });
  follow();

  /** @param {number} frame */
  function seek(frame) {
    const to = Math.min(Math.max(0, frame), count() - 1);
    position = positionOf(to, count(), mode(), position);
    store.set({ frame: to });
  }

  return {
    get moment() {
      return moment();
    },
    seek,
    follow,

    play() {
      store.set({ playing: true });
    },

    /** A pause is on a whole frame: what is seen then is what gets exported. */
    pause() {
      const { frame } = moment();
      position = positionOf(frame, count(), mode(), position);
      store.set({ playing: false, frame });
    },

    toggle() {
      if (store.get("playing")) this.pause();
      else this.play();
    },

    stop() {
      position = 0;
      store.set({ playing: false, frame: 0 });
    },

    /** @param {1 | -1} direction */
    step(direction) {
      const to = stepFrom(moment().frame, direction, count(), mode());
      position = to;
      store.set({ playing: false, frame: to });
    },

    /** @param {() => void} listener called when something else is to be shown @param {AbortSignal} until */
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener), { once: true });
    },
  };
}
