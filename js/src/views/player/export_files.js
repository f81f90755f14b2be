/** Files that the page itself writes and downloads. */

const ENDINGS = /** @type {Record<string, string>} */ ({ "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp" });

/** @typedef {{filename: string, blob: Blob}} FileToSave */

/**
 * The current frame, or the sprite sheets of the player as they are stored.
 * @param {string} format "frame" or "stored"
 * @param {string} name
 * @param {{sprites: import("./sprite_frames.js").SpriteFrames, frame: number}} animation
 * @returns {Promise<FileToSave[]>}
 */
export async function filesOfPage(format, name, { sprites, frame }) {
  const stem = name.match(/[\p{L}\p{N}_.-]+/gu)?.join("-") || "animation";
  const { meta, files } = sprites;
  if (format === "stored" && files) {
    const ending = ENDINGS[meta.mime] ?? "png";
    return files.map((bytes, index) => ({
      filename: `${stem}-${meta.width}x${meta.height}-${meta.sheets[index]?.columns}${files.length > 1 ? `-${index + 1}` : ""}.${ending}`,
      blob: new Blob([bytes], { type: meta.mime }),
    }));
  }
  const canvas = new OffscreenCanvas(meta.width, meta.height);
  sprites.draw(/** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")), frame);
  return [{ filename: `${stem}-${frame + 1}.png`, blob: await canvas.convertToBlob({ type: "image/png" }) }];
}
