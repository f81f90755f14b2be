/*
 * Counts the live listeners, timers, observers, object URLs and bitmaps of the page. It is installed before the bundle is
 * loaded. Calls by the browser's remote control are recognized by their call site and ignored.
 */
window.alive = {
  listeners: new Set(),
  timers: new Set(),
  frames: new Set(),
  observers: new Set(),
  urls: new Set(),
  bitmaps: new Set(),
};
const ours = () => /notebook\.test\/\w+\.js/.test(new Error().stack);
{
  const add = EventTarget.prototype.addEventListener;
  const remove = EventTarget.prototype.removeEventListener;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (!(this instanceof AbortSignal) && ours()) {
      const entry = { target: this, type, listener, signal: options?.signal };
      alive.listeners.add(entry);
      if (options?.signal) add.call(options.signal, "abort", () => alive.listeners.delete(entry));
    }
    return add.call(this, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    for (const entry of alive.listeners) {
      if (entry.target === this && entry.type === type && entry.listener === listener) alive.listeners.delete(entry);
    }
    return remove.call(this, type, listener, options);
  };
  const wrap = (start, stop, set) => {
    const [starter, stopper] = [window[start], window[stop]];
    window[start] = (callback, ...rest) => {
      const id = starter((...args) => {
        set.delete(id);
        callback(...args);
      }, ...rest);
      if (ours()) set.add(id);
      return id;
    };
    window[stop] = (id) => {
      set.delete(id);
      stopper(id);
    };
  };
  wrap("setTimeout", "clearTimeout", alive.timers);
  wrap("requestAnimationFrame", "cancelAnimationFrame", alive.frames);
  window.setInterval = () => {
    throw new Error("no intervals");
  };
  for (const name of ["ResizeObserver", "IntersectionObserver", "MutationObserver"]) {
    window[name] = class extends window[name] {
      observe(...args) {
        if (ours()) alive.observers.add(this);
        super.observe(...args);
      }
      disconnect() {
        alive.observers.delete(this);
        super.disconnect();
      }
    };
  }
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL(blob);
    alive.urls.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    alive.urls.delete(url);
    revokeObjectURL(url);
  };
  const create = window.createImageBitmap;
  window.createImageBitmap = async (...args) => {
    const bitmap = await create(...args);
    alive.bitmaps.add(bitmap);
    return bitmap;
  };
  const close = ImageBitmap.prototype.close;
  ImageBitmap.prototype.close = function () {
    alive.bitmaps.delete(this);
    close.call(this);
  };
}
