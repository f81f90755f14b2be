/**
 * Time source of the protocol. Tests pass a clock that they advance manually.
 * @typedef {object} Clock
 * @property {() => number} now monotonic time in milliseconds
 * @property {(callback: () => void, delay: number) => unknown} start starts a timer
 * @property {(timer: unknown) => void} stop stops a timer; ignores null
 */

/** @type {Clock} */
export const systemClock = {
  now: () => performance.now(),
  start: (callback, delay) => setTimeout(callback, delay),
  stop: (timer) => clearTimeout(/** @type {any} */ (timer)),
};
