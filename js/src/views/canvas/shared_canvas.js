import { createListeners } from "../../core/wire/listeners.js";

/**
 * The latest image of a widget, decoded once for all its views.
 *
 * Only the newest bytes are kept. They are decoded off the main thread and drawn in the next animation frame, or later if
 * the page shows many runs. A background tab has no animation frames, so nothing accumulates there either.
 *
 * @param {object} options
 * @param {import("../../core/wire/clock.js").Clock} options.clock
 * @param {() => number} options.wait time in ms to wait before an image is drawn
 * @param {() => void} options.onDrawn called when the newest image is drawn in all views
 */
export function createSharedCanvas({ clock, wait, onDrawn }) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const listeners = createListeners();
  /** @typedef {import("../../core/wire/stream.js").FrameMeta} FrameMeta */
  /** @type {{meta: FrameMeta, bytes: Uint8Array<ArrayBuffer>} | null} */
  let slot = null;
  /** @type {{meta: FrameMeta, bitmap: ImageBitmap} | null} */
  let decoded = null;
  /** @type {FrameMeta | null} */
  let meta = null;
  let decoding = false;
  let request = 0;
  /** @type {unknown} */
  let timer = null;
  let disposed = false;

  async function decode() {
    if (decoding) return;
    decoding = true;
    while (slot && !disposed) {
      const next = slot;
      slot = null;
      try {
        const bitmap = await createImageBitmap(new Blob([next.bytes], { type: next.meta.mime }));
        if (disposed) bitmap.close();
        else keep({ meta: next.meta, bitmap });
      } catch (error) {
        // An unreadable image must not stop the requests for the next one.
        console.warn("lucid_widgets: unreadable image", error);
        if (!disposed) onDrawn();
      }
    }
    decoding = false;
  }

  /** @param {{meta: FrameMeta, bitmap: ImageBitmap}} newest */
  function keep(newest) {
    decoded?.bitmap.close();
    decoded = newest;
    const delay = wait();
    if (delay > 0) timer ??= clock.start(askForFrame, delay);
    else askForFrame();
  }

  function askForFrame() {
    stopTimer();
    request ||= requestAnimationFrame(draw);
  }

  function stopTimer() {
    clock.stop(timer);
    timer = null;
  }

  function draw() {
    request = 0;
    if (!decoded) return;
    const { bitmap } = decoded;
    meta = decoded.meta;
    decoded = null;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    } else {
      context.clearRect(0, 0, canvas.width, canvas.height);
    }
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    listeners.notify();
    onDrawn();
  }

  return {
    canvas,

    /** Metadata of the image on the canvas; null before the first. */
    get meta() {
      return meta;
    },

    /** @param {FrameMeta} newest @param {Uint8Array<ArrayBuffer>} bytes */
    push(newest, bytes) {
      slot = { meta: newest, bytes };
      decode();
    },

    /** Removes the image, as after Reset. */
    clear() {
      slot = null;
      decoded?.bitmap.close();
      decoded = null;
      if (!meta) return;
      meta = null;
      listeners.notify();
    },

    /** Calls a listener after each image, until its signal aborts. */
    subscribe: listeners.subscribe,

    dispose() {
      disposed = true;
      stopTimer();
      cancelAnimationFrame(request);
      decoded?.bitmap.close();
      decoded = null;
      slot = null;
      listeners.clear();
      canvas.width = canvas.height = 0;
    },
  };
}
