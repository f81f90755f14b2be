/**
 * A random id for this page's copy of a widget. Python counts the pages that watch a run by their ids.
 * `crypto.randomUUID` is not available to notebooks that are served over plain HTTP.
 * @returns {string} 16 hexadecimal digits
 */
export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
