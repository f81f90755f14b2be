/**
 * Requests images from Python, one at a time.
 *
 * Python sends an image only on request, so a slow, hidden or closed page costs it nothing. The page sends a request
 * ("want") when it becomes visible and after each image that it has drawn. A request names the newest image it has.
 */

/** States in which a run will produce another image without a command. */
export const ACTIVE = new Set(["queued", "compiling", "running"]);

/** Time in ms after which an unanswered request during a run is considered lost. */
export const RESEND_AFTER = 2000;
/** Polling interval in ms for hosts where Python can reply but not push (Colab). */
export const POLL_AFTER = 100;

/**
 * @typedef {object} FrameMeta
 * @property {number} id increases with every image, across runs and kernels
 * @property {number} step
 * @property {number | null} objective
 * @property {string} mime
 * @property {number} width
 * @property {number} height
 * @property {number} rows
 * @property {number} columns
 * @property {number} [count] number of images in the batch
 * @property {boolean} lossless
 * @property {any} [made_by] the run that made the image, see core/run/made_by.js
 */

/**
 * @param {object} options
 * @param {string} options.client
 * @param {(message: object) => void} options.send
 * @param {import("./clock.js").Clock} options.clock
 * @param {(meta: FrameMeta, bytes: Uint8Array<ArrayBuffer>) => void} options.onFrame called with each newer image
 * @param {() => object} [options.more] additional fields of a request
 */
export function createStream({ client, send, clock, onFrame, more = () => ({}) }) {
  let seen = 0;
  let seenLossless = false;
  let visible = false;
  let active = false;
  let greeted = false;
  /** @type {unknown} */
  let timer = null;

  function stopTimer() {
    clock.stop(timer);
    timer = null;
  }

  function want() {
    if (!visible || !greeted) return;
    send({ type: "want", client, seen, ...more() });
    watch();
  }

  /** Repeats an unanswered request during a run. Without a run, a request may stay open for hours. */
  function watch() {
    stopTimer();
    if (visible && active && greeted) timer = clock.start(want, RESEND_AFTER);
  }

  return {
    /**
     * Registers this page with Python, which sends what this page has missed. Call it again
     * to return after `bye`.
     * @param {Record<string, any>} [known] simple traits, as this page knows them
     */
    hello(known = {}) {
      greeted = true;
      send({ type: "hello", client, known });
      want();
    },

    /** Tells Python that the last view on this page was removed, or that the page is left. @param {boolean} [leaving] */
    bye(leaving = false) {
      if (!greeted) return;
      greeted = false;
      stopTimer();
      send({ type: "bye", client, leaving });
    },

    /** @param {boolean} value whether at least one of the views is visible */
    setVisible(value) {
      if (value === visible) return;
      visible = value;
      if (visible) return want();
      stopTimer();
      if (greeted) send({ type: "hidden", client });
    },

    /** @param {string} status of the run */
    setStatus(status) {
      if (ACTIVE.has(status) === active) return;
      active = !active;
      if (active) want();
      else stopTimer();
    },

    /**
     * Takes an image from a message or from the state, whichever arrives first.
     * @param {FrameMeta} meta
     * @param {Uint8Array<ArrayBuffer>} bytes
     * @returns {boolean} whether the image was new
     */
    offer(meta, bytes) {
      const better = meta.id > seen || (meta.id === seen && meta.lossless && !seenLossless);
      if (!better || bytes.length === 0) return false;
      seen = meta.id;
      seenLossless = Boolean(meta.lossless);
      onFrame(meta, bytes);
      return true;
    },

    /** Called when the newest image has been drawn: requests the next one. */
    drawn: want,

    /** Called when other images became visible: requests them. */
    ask: want,

    /** Called when Python has nothing newer and cannot push: polls again soon during a run. */
    nothingNewer() {
      stopTimer();
      if (visible && active && greeted) timer = clock.start(want, POLL_AFTER);
    },

    get greeted() {
      return greeted;
    },

    dispose() {
      greeted = false;
      stopTimer();
    },
  };
}
