/**
 * The time as the protocol sees it; tests hand in one that they turn by hand.
 * @typedef {object} Clock
 * @property {() => number} now milliseconds, never going back
 * @property {(callback: () => void, delay: number) => unknown} start a timer
 * @property {(timer: unknown) => void} stop a timer, or do nothing
 */

/** @type {Clock} */
export const systemClock = {
  now: () => performance.now(),
  start: (callback, delay) => setTimeout(callback, delay),
  stop: (timer) => clearTimeout(/** @type {any} */ (timer)),
};
