/**
 * A name for this page's copy of a widget, unlike any other's: Python keeps count of who watches by it.
 * `crypto.randomUUID` would be shorter, but is missing where a notebook is served over plain http.
 * @returns {string} 16 hexadecimal digits
 */
export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
