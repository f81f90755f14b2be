/**
 * Converts binary data from any host to bytes: JupyterLab passes a DataView, Colab a Uint8Array, others an ArrayBuffer.
 * A view may cover only part of its buffer, so its offset and length are applied.
 * @param {ArrayBuffer | ArrayBufferView | null | undefined} buffer
 * @returns {Uint8Array<ArrayBuffer>} a view of the same memory; empty for null
 */
export function toBytes(buffer) {
  if (!buffer) return new Uint8Array(0);
  if (!ArrayBuffer.isView(buffer)) return new Uint8Array(buffer);
  return new Uint8Array(/** @type {ArrayBuffer} */ (buffer.buffer), buffer.byteOffset, buffer.byteLength);
}
