/** Bytes of a file per message. In base64 and with its envelope, a part stays well below the 1 MB limit of some hosts. */
export const PART_BYTES = 512 * 1024;

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let binary = "";
  // `fromCharCode` passes its arguments on the stack, which limits their number.
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

/**
 * Uploads a file to Python in parts, one after the other.
 *
 * @param {(piece: {upload: string, part: number, parts: number, data: string}) => Promise<unknown>} send
 * @param {{size: number, slice: (from: number, to: number) => {arrayBuffer: () => Promise<ArrayBuffer>}}} file
 * @param {string} upload unique id of this upload
 * @param {(share: number) => void} [onPart] called with the share of the file that has been sent, from 0 to 1
 */
export async function uploadFile(send, file, upload, onPart) {
  const parts = Math.max(1, Math.ceil(file.size / PART_BYTES));
  for (let part = 0; part < parts; part++) {
    onPart?.(part / parts);
    const piece = await file.slice(part * PART_BYTES, (part + 1) * PART_BYTES).arrayBuffer();
    await send({ upload, part, parts, data: toBase64(new Uint8Array(piece)) });
  }
}
