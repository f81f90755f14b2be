/**
 * Layout of the frames of an animation in its sprite sheets, as Python describes it.
 *
 * @typedef {object} SheetMeta
 * @property {number} first index of its first frame in the animation
 * @property {number} count
 * @property {number} columns
 * @property {number} bytes
 *
 * @typedef {object} SpriteMeta
 * @property {number} count
 * @property {number} width of a frame
 * @property {number} height of a frame
 * @property {string} mime
 * @property {SheetMeta[]} sheets
 */

/** @typedef {ReturnType<typeof createSpriteFrames>} SpriteFrames */

/**
 * The frames of an animation, drawn from sprite sheets that are decoded once.
 *
 * @param {SpriteMeta} meta
 * @param {(Uint8Array<ArrayBuffer> | HTMLCanvasElement)[]} data of each sheet: an image file, or a canvas
 * @param {AbortSignal} signal frees the pixels
 */
export function createSpriteFrames(meta, data, signal) {
  /** @type {(OffscreenCanvas | null)[]} */
  const bitmaps = meta.sheets.map(() => null);
  signal.addEventListener("abort", () => bitmaps.fill(null), { once: true });

  /** @param {Uint8Array<ArrayBuffer> | HTMLCanvasElement} source @param {number} index */
  async function decode(source, index) {
    const image = source instanceof Uint8Array ? new Blob([source], { type: meta.mime }) : source;
    // Keeps the exact pixels: color management would change some of them.
    const bitmap = await createImageBitmap(image, { colorSpaceConversion: "none" });
    if (!signal.aborted) bitmaps[index] = pixelsOf(bitmap);
    bitmap.close();
  }
  const ready = Promise.all(data.map(decode)).then(() => undefined);
  // Callers wait for `ready` and report errors. This handler avoids an "unhandled rejection" if the view is gone by then.
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

  /** @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} ctx @param {number} frame */
  function stamp(ctx, frame) {
    const { width, height } = meta;
    const found = cell(frame);
    if (found) ctx.drawImage(found.bitmap, found.x, found.y, width, height, 0, 0, width, height);
  }

  return {
    meta,
    /** The image files of the sheets; null where there are none. */
    files: data.every((source) => source instanceof Uint8Array) ? data : null,
    ready,

    /**
     * Draws a frame, or a blend of two frames, and replaces the content of the canvas.
     * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} ctx
     * @param {number} frame @param {number} [next] @param {number} [share] of the next frame over this one
     */
    draw(ctx, frame, next = frame, share = 0) {
      ctx.globalCompositeOperation = "source-over";
      ctx.globalAlpha = 1;
      ctx.clearRect(0, 0, meta.width, meta.height);
      if (share <= 0 || next === frame) return stamp(ctx, frame);
      // A weighted sum of both frames: drawing one over the other would make transparent frames flicker.
      ctx.globalAlpha = 1 - share;
      stamp(ctx, frame);
      ctx.globalAlpha = share;
      ctx.globalCompositeOperation = "lighter";
      stamp(ctx, next);
      ctx.globalAlpha = 1;
      ctx.globalCompositeOperation = "source-over";
    },
  };
}

/**
 * Copies a bitmap to a canvas. A browser may defer the decoding of a bitmap and then decode the whole sheet for each frame.
 * @param {ImageBitmap} bitmap
 */
function pixelsOf(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  ctx.drawImage(bitmap, 0, 0);
  return canvas;
}
