/**
 * Asks for pictures, one credit at a time.
 *
 * Python never sends a picture that nobody asked for, so a slow, hidden or vanished page costs it nothing. The page
 * asks ("want") when it can be seen and again after each picture it has drawn, always naming the newest one it has.
 */

/** A run in one of these states is going to make another picture by itself. */
export const ACTIVE = new Set(["queued", "compiling", "running"]);

/** How long a credit may stay unanswered during a run before it is taken for lost. */
export const RESEND_AFTER = 2000;
/** How soon to ask again where Python can only answer, not push (Colab). */
export const POLL_AFTER = 100;

/**
 * @typedef {object} FrameMeta
 * @property {number} id grows for ever, across runs and kernels
 * @property {number} step
 * @property {number | null} objective
 * @property {string} mime
 * @property {number} width
 * @property {number} height
 * @property {number} rows
 * @property {number} columns
 * @property {number} [count] images of the batch
 * @property {boolean} lossless
 */

/**
 * @param {object} options
 * @param {string} options.client
 * @param {(message: object) => void} options.send
 * @param {import("./clock.js").Clock} options.clock
 * @param {(meta: FrameMeta, bytes: Uint8Array<ArrayBuffer>) => void} options.onFrame called with ever newer pictures
 * @param {() => object} [options.more] what else to say when asking
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

  /** During a run a silent credit is asked for anew; without one it may rightly stay open for hours. */
  function watch() {
    stopTimer();
    if (visible && active && greeted) timer = clock.start(want, RESEND_AFTER);
  }

  return {
    /** Makes this page known; call it again to return after `bye`. */
    hello() {
      greeted = true;
      send({ type: "hello", client });
      want();
    },

    /** Says that the last view on this page is gone. */
    bye() {
      if (!greeted) return;
      greeted = false;
      stopTimer();
      send({ type: "bye", client });
    },

    /** @param {boolean} value whether anybody can see one of the views */
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
     * A picture from a message or from the state, whichever came first.
     * @param {FrameMeta} meta
     * @param {Uint8Array<ArrayBuffer>} bytes
     * @returns {boolean} whether it was news
     */
    offer(meta, bytes) {
      const better = meta.id > seen || (meta.id === seen && meta.lossless && !seenLossless);
      if (!better || bytes.length === 0) return false;
      seen = meta.id;
      seenLossless = Boolean(meta.lossless);
      onFrame(meta, bytes);
      return true;
    },

    /** The newest picture is on the screen: there is room for the next. */
    drawn: want,

    /** Something else is looked at. */
    ask: want,

    /** Python answered that it has nothing newer and will not push: come back soon, while there is a run. */
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
