/** Bytes of a file in one message: in base64 and with what is around it well below the megabyte that hosts bear. */
export const PART_BYTES = 512 * 1024;

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let binary = "";
  // `fromCharCode` takes its arguments from the stack, which is not endless.
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

/**
 * Sends a file to Python in pieces, one after the other.
 *
 * @param {(name: string, args: object) => Promise<unknown>} command
 * @param {{name: string, size: number, slice: (from: number, to: number) => {arrayBuffer: () => Promise<ArrayBuffer>}}} file
 * @param {string} kind what it is for
 * @param {string} upload a name for this upload, unlike any other's
 * @param {(share: number) => void} [onPart] told how much has arrived, from 0 to 1
 */
export async function uploadFile(command, file, kind, upload, onPart) {
  const parts = Math.max(1, Math.ceil(file.size / PART_BYTES));
  for (let part = 0; part < parts; part++) {
    onPart?.(part / parts);
    const piece = await file.slice(part * PART_BYTES, (part + 1) * PART_BYTES).arrayBuffer();
    await command("upload", { kind, name: file.name, upload, part, parts, data: toBase64(new Uint8Array(piece)) });
  }
}
