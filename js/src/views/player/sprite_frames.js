/**
 * Where the frames of an animation lie in its sheets, as Python says it.
 *
 * @typedef {object} SheetMeta
 * @property {number} first place of its first frame in the whole animation
 * @property {number} count
 * @property {number} columns
 * @property {number} bytes
 *
 * @typedef {object} ReelMeta
 * @property {number} count
 * @property {number} width of a frame
 * @property {number} height of a frame
 * @property {string} mime
 * @property {SheetMeta[]} sheets
 */

/** @typedef {ReturnType<typeof createReel>} Reel */

/**
 * The frames of one animation: its sheets, each decoded once, from which frames are drawn.
 *
 * @param {ReelMeta} meta
 * @param {(Uint8Array<ArrayBuffer> | HTMLCanvasElement)[]} data of each sheet: an image file, or what is drawn already
 * @param {AbortSignal} signal frees the pixels
 */
export function createReel(meta, data, signal) {
  /** @type {(OffscreenCanvas | null)[]} */
  const bitmaps = meta.sheets.map(() => null);
  signal.addEventListener("abort", () => bitmaps.fill(null), { once: true });

  /** @param {Uint8Array<ArrayBuffer> | HTMLCanvasElement} source @param {number} index */
  async function decode(source, index) {
    const image = source instanceof Uint8Array ? new Blob([source], { type: meta.mime }) : source;
    // The pixels as they are: a colour profile would change some on their way to the canvas.
    const bitmap = await createImageBitmap(image, { colorSpaceConversion: "none" });
    if (!signal.aborted) bitmaps[index] = pixelsOf(bitmap);
    bitmap.close();
  }
  const ready = Promise.all(data.map(decode)).then(() => undefined);
  // Whoever draws waits for `ready` and reports; without a listener of its own a page that is gone would log it.
  ready.catch(() => undefined);

  /** @param {number} frame */
  function cell(frame) {
    const index = meta.sheets.findIndex(({ first, count }) => frame >= first && frame < first + count);
    const sheet = meta.sheets[index];
    const bitmap = bitmaps[index];
    if (!sheet || !bitmap) return null;
    const place = frame - sheet.first;
    return { bitmap, x: (place % sheet.columns) * meta.width, y: Math.floor(place / sheet.columns) * meta.height };
  }

  /** @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} ink @param {number} frame */
  function stamp(ink, frame) {
    const { width, height } = meta;
    const found = cell(frame);
    if (found) ink.drawImage(found.bitmap, found.x, found.y, width, height, 0, 0, width, height);
  }

  return {
    meta,
    /** The image files of the sheets; null where there are none. */
    files: data.every((source) => source instanceof Uint8Array) ? data : null,
    ready,

    /**
     * Draws a moment, in place of what the canvas has.
     * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} ink
     * @param {number} frame @param {number} [next] @param {number} [share] of the next frame over this one
     */
    draw(ink, frame, next = frame, share = 0) {
      ink.globalCompositeOperation = "source-over";
      ink.globalAlpha = 1;
      ink.clearRect(0, 0, meta.width, meta.height);
      if (share <= 0 || next === frame) return stamp(ink, frame);
      // Each weighted by its share and added up: one over the other would make transparent pictures flicker.
      ink.globalAlpha = 1 - share;
      stamp(ink, frame);
      ink.globalAlpha = share;
      ink.globalCompositeOperation = "lighter";
      stamp(ink, next);
      ink.globalAlpha = 1;
      ink.globalCompositeOperation = "source-over";
    },
  };
}

/**
 * The pixels themselves: a browser may put off decoding a bitmap, and then decodes the whole sheet for each frame.
 * @param {ImageBitmap} bitmap
 */
function pixelsOf(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const ink = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  ink.drawImage(bitmap, 0, 0);
  return canvas;
}
