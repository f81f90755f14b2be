/*
 * A minimal notebook that can load a bundle several times: the model of the AFM contract without Jupyter.
 *
 * `createHost({ bundle, traits, host })` imitates JupyterLab ("lab": different wrappers of the model for initialize and
 * render, an AbortSignal, DataView buffers that are windows into a longer buffer) or Colab ("colab": one model, no
 * signal, Uint8Array buffers) or a saved notebook without a kernel ("nobody"). `host.sent` records what the page sends.
 */
window.createHost = async ({ bundle, traits, host: kind = "lab", writable = [] }) => {
  const state = { ...traits };
  const listeners = new Map();
  const sent = [];
  let unsaved = {};
  const listenersOf = (event) => listeners.get(event) ?? listeners.set(event, new Set()).get(event);
  const emit = (event, ...args) => [...listenersOf(event)].forEach((listener) => listener(...args));
  const wrap = () => ({
    get: (name) => state[name],
    // A player's page sets some traits. As with ipywidgets, its listeners are called, and Python learns of it on save.
    set: (name, value) => {
      if (!writable.includes(name)) host.errors.push(`the page wrote ${name}`);
      if (state[name] === value) return;
      state[name] = value;
      unsaved[name] = value;
      emit(`change:${name}`);
    },
    save_changes: () => {
      if (writable.length === 0) host.errors.push("the page wrote a trait");
      if (Object.keys(unsaved).length) host.saved.push(unsaved);
      unsaved = {};
    },
    ...(kind === "nobody" ? { widget_manager: { kernel: null } } : {}),
    ...(kind === "lab" ? { widget_manager: { get kernel() { return host.kernel; } } } : {}),
    on: (event, listener) => listenersOf(event).add(listener),
    off: (event, listener) => listenersOf(event).delete(listener),
    send: (message) => {
      if (kind === "nobody") return;
      if (message.type === "ping") {
        if (!host.isSilent) queueMicrotask(() => emit("msg:custom", { type: "pong" }, []));
        return;
      }
      sent.push({ ...message, at: performance.now() });
      host.onsend?.(message);
    },
  });
  const one = wrap();
  const modelOf = () => (kind === "colab" ? one : wrap());
  const bufferOf = (bytes) => {
    if (kind === "colab") return new Uint8Array(bytes);
    const padded = new Uint8Array(bytes.length + 24);
    padded.set(bytes, 8);
    return new DataView(padded.buffer, 8, bytes.length);
  };
  const module = await import(bundle);
  const widget = module.default();
  const modelAbort = new AbortController();
  const host = {
    state,
    sent,
    errors: [],
    /** The kernel as JupyterLab's manager shows it. */
    kernel: { status: "idle" },
    /** Traits set by the page, as Python received them, in order. */
    saved: [],
    onsend: null,
    /** Whether Python gives no sign of life. */
    isSilent: false,
    views: [],
    listenerCount: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
    bufferOf,
    /** Sets traits as a linked widget does. */
    listen: (event, listener) => listenersOf(event).add(listener),
    /** Sets traits as Python does: all values first, then the events. */
    change(values) {
      Object.assign(state, values);
      for (const name of Object.keys(values)) emit(`change:${name}`);
    },
    deliver: (message, buffers = []) => emit("msg:custom", message, buffers.map(bufferOf)),
    reply: (command, fields = {}, buffers = []) =>
      host.deliver({ type: "reply", rid: command.rid, ok: true, ...fields }, buffers),
    of: (type) => sent.filter((message) => message.type === type),
    commands: (name) => sent.filter((message) => message.type === "cmd" && (!name || message.name === name)),
    async render(container) {
      const abort = new AbortController();
      const props = { model: modelOf(), el: container };
      const cleanup = await widget.render(kind !== "colab" ? { ...props, signal: abort.signal } : props);
      const view = {
        el: container,
        remove: () => {
          if (kind !== "colab") abort.abort();
          cleanup?.();
        },
      };
      host.views.push(view);
      return view;
    },
    close() {
      if (kind !== "colab") modelAbort.abort();
      host.cleanup?.();
    },
  };
  const props = { model: modelOf() };
  host.cleanup = widget.initialize(kind !== "colab" ? { ...props, signal: modelAbort.signal } : props);
  return host;
};

/** A colorful image as PNG bytes, different for every seed. */
window.picture = async (size, seed = 0) => {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [(6.3 * x) / size, (6.3 * y) / size];
      const wave = Math.sin(3 * u + 2 * Math.sin(2 * v + seed)) + Math.cos(4 * v + 2 * Math.cos(3 * u - seed));
      const i = 4 * (y * size + x);
      image.data[i] = 128 + 60 * Math.sin(wave * 2 + seed) + 40 * Math.sin(13 * u + 7 * wave);
      image.data[i + 1] = 120 + 55 * Math.sin(wave * 3 + 2) + 40 * Math.cos(11 * v - 5 * wave);
      image.data[i + 2] = 116 + 60 * Math.cos(wave * 2.5 - 1) + 30 * Math.sin(9 * (u + v));
      image.data[i + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
};

/** An image of a single color as PNG bytes. */
window.plain = async (color, width = 4, height = width) => {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, width, height);
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
};

/** Number of images being decoded and of files being read, both of which a loaded machine may delay. */
window.working = 0;
for (const [owner, name] of [[window, "createImageBitmap"], [Blob.prototype, "arrayBuffer"]]) {
  const start = owner[name];
  owner[name] = async function (...args) {
    window.working += 1;
    try {
      return await start.apply(this, args);
    } finally {
      window.working -= 1;
    }
  };
}

/** Resolves when the page is idle: no image is being decoded, no message unanswered, and the layout is up to date. */
window.settled = async () => {
  let seen;
  do {
    seen = window.answered;
    await seen;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))));
  } while (seen !== window.answered || window.working > 0);
};

/** Move the browser tab to the background or back. */
window.setHidden = (hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
};
