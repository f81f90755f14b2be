/**
 * The picture of one widget, decoded once for all its views.
 *
 * Bytes go into a slot where the newest wins, are decoded off the main thread and drawn at the browser's next chance
 * to paint. A tab in the background paints nothing, so nothing piles up there either.
 *
 * @param {object} options
 * @param {() => void} options.onDrawn the newest picture is on the surface and in all views
 */
export function createSurface({ onDrawn }) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @typedef {import("../../core/wire/stream.js").FrameMeta} FrameMeta */
  /** @type {{meta: FrameMeta, bytes: Uint8Array<ArrayBuffer>} | null} */
  let slot = null;
  /** @type {{meta: FrameMeta, bitmap: ImageBitmap} | null} */
  let decoded = null;
  /** @type {FrameMeta | null} */
  let meta = null;
  let decoding = false;
  let request = 0;
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
        // One picture that cannot be read is no reason to stop asking for the next.
        console.warn("lucid_widgets: unreadable picture", error);
        if (!disposed) onDrawn();
      }
    }
    decoding = false;
  }

  /** @param {{meta: FrameMeta, bitmap: ImageBitmap}} newest */
  function keep(newest) {
    decoded?.bitmap.close();
    decoded = newest;
    request ||= requestAnimationFrame(draw);
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
    for (const listener of [...listeners]) listener();
    onDrawn();
  }

  return {
    canvas,

    /** About the picture on the surface; null before the first. */
    get meta() {
      return meta;
    },

    /** @param {FrameMeta} newest @param {Uint8Array<ArrayBuffer>} bytes */
    push(newest, bytes) {
      slot = { meta: newest, bytes };
      decode();
    },

    /** There is no picture any more, as after Reset. */
    clear() {
      slot = null;
      decoded?.bitmap.close();
      decoded = null;
      if (!meta) return;
      meta = null;
      for (const listener of [...listeners]) listener();
    },

    /** @param {() => void} listener called after each picture @param {AbortSignal} signal */
    subscribe(listener, signal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
    },

    dispose() {
      disposed = true;
      cancelAnimationFrame(request);
      decoded?.bitmap.close();
      decoded = null;
      slot = null;
      listeners.clear();
      canvas.width = canvas.height = 0;
    },
  };
}
