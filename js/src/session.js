import { newClientId } from "./core/wire/client_id.js";
import { createCommands } from "./core/wire/commands.js";
import { ACTIVE, createStream } from "./core/wire/stream.js";
import { systemClock } from "./core/wire/clock.js";
import { toBytes } from "./core/wire/bytes.js";
import { createSurface } from "./views/canvas/shared_canvas.js";

/** How long after the last view has gone to say so: a view that moves is removed and made again at once. */
const BYE_AFTER = 300;

/** @typedef {ReturnType<typeof createSession>} Session */

/**
 * What all views of one widget on this page share: the state, the picture, the commands and one name towards Python.
 *
 * @param {object} options
 * @param {import("@anywidget/types").AnyModel} options.model
 * @param {string[]} options.traits names of the traits that the views show
 * @param {boolean} [options.streaming] whether Python makes pictures that are to be asked for
 * @param {import("./core/wire/clock.js").Clock} [options.clock]
 * @param {typeof import("./views/grid/cell_images.js").createAtlas} [options.atlas] for widgets of many pictures
 */
export function createSession({ model, traits, streaming = true, clock = systemClock, atlas: createAtlas }) {
  const client = newClientId();
  const abort = new AbortController();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {Map<object, boolean>} views, and whether each can be seen */
  const views = new Map();
  /** @type {Record<string, any>} newer than the traits, where Python can only answer and not push */
  const answered = {};
  let onlyAnswers = false;
  let leaving = false;
  let scheduled = false;
  /** @type {unknown} */
  let byeTimer = null;
  /** @type {import("./core/wire/commands.js").Problem | null} */
  let refusal = null;

  const surface = createSurface({ onDrawn: () => stream.drawn() });
  const atlas = createAtlas?.({ clock, onDrawn: () => stream.drawn(), onLook: () => stream.ask() }) ?? null;
  const stream = createStream({ client, send, clock, onFrame: surface.push, more: () => atlas?.wanted() ?? {} });
  const commands = createCommands({ client, send, clock, onPatience: changed });

  /** @param {object} message */
  function send(message) {
    // The comm of a closed widget or a lost kernel throws; the page says so by what stays unanswered.
    try {
      model.send(message);
    } catch {
      /* nobody there */
    }
  }

  /** Many traits change in one breath; the views are told once. */
  function changed() {
    if (scheduled || abort.signal.aborted) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      if (abort.signal.aborted) return;
      stream.setStatus(get("status"));
      for (const listener of [...listeners]) listener();
    });
  }

  /** @param {string} name */
  function get(name) {
    return name in answered ? answered[name] : model.get(name);
  }

  /** @param {string} name */
  function traitChanged(name) {
    delete answered[name];
    commands.alive();
    if (name === "frame" || name === "frame_meta") offerTrait();
    if (atlas?.names.includes(name)) atlas.restore(get);
    changed();
  }

  /** The newest picture is a trait too: it survives a reload, and is there when there is no kernel. */
  function offerTrait() {
    const meta = model.get("frame_meta");
    if (meta && meta.id) stream.offer(meta, toBytes(model.get("frame")));
    else if (!ACTIVE.has(get("status"))) surface.clear();
  }

  /** @param {Record<string, any>} values */
  function overlay(values) {
    if (!onlyAnswers) return;
    for (const [name, value] of Object.entries(values)) if (value !== undefined) answered[name] = value;
    changed();
  }

  /** @param {any} message @param {any[]} [buffers] */
  function onMessage(message, buffers = []) {
    commands.alive();
    if (message?.type === "frame") {
      overlay({ status: message.status, step: message.step, objective_value: message.objective });
      if (!stream.offer(message, toBytes(buffers[0]))) stream.nothingNewer();
    } else if (message?.type === "none") {
      onlyAnswers = true;
      overlay({ status: message.status });
      stream.nothingNewer();
    } else if (message?.type === "cells") {
      overlay({ status: message.status });
      atlas?.receive(message, toBytes(buffers[0]));
    } else if (message?.type === "reply") {
      commands.settle(message, buffers.map(toBytes));
    }
  }

  const handlers = traits.map((name) => /** @type {const} */ ([`change:${name}`, () => traitChanged(name)]));
  for (const [event, handler] of handlers) model.on(event, handler);
  model.on("msg:custom", onMessage);
  // A page that is reloaded or left must not end the run, and some hosts remove their views on the way out.
  addEventListener("pagehide", () => (leaving = true), { signal: abort.signal });
  addEventListener("pageshow", () => (leaving = false), { signal: abort.signal });

  if (streaming) {
    offerTrait();
    atlas?.restore(get);
    stream.setStatus(get("status"));
    stream.hello();
  }

  function watchersChanged() {
    stream.setVisible([...views.values()].some(Boolean));
  }

  return {
    client,
    surface,
    atlas,
    clock,
    get,
    /** Ends with the widget, not with a view of it. */
    signal: abort.signal,

    /**
     * Sets traits that the page may set by itself: those of a player, which must work where there is no kernel.
     * @param {Record<string, any>} values
     * @param {{passing?: boolean}} [options] whether others follow in a moment: Python need not know these
     */
    set(values, { passing = false } = {}) {
      for (const [name, value] of Object.entries(values)) model.set(name, value);
      if (!passing) model.save_changes();
    },

    /** Whether there is a kernel that could answer; hosts that do not say so count as if. */
    get hasKernel() {
      const manager = /** @type {any} */ (model).widget_manager;
      return !(manager && "kernel" in manager && !manager.kernel);
    },

    /** Whether this is a page without a notebook. */
    offline: Boolean(/** @type {any} */ (model).offline),

    /** @returns {Record<string, any>} every trait that the views show */
    state() {
      return Object.fromEntries(traits.map((name) => [name, get(name)]));
    },

    /** What to say about commands that Python has not answered yet. */
    get patience() {
      return commands.patience;
    },

    /** The last command (not edit) that Python refused. */
    get refusal() {
      return refusal;
    },

    dismiss() {
      refusal = null;
      changed();
    },

    /** One view has something new that others of its parts show too. */
    touch: changed,

    /** @param {string} name @param {object} [args] */
    command: commands.run,

    /**
     * A command whose refusal is everybody's business, such as Run.
     * @param {string} name @param {object} [args]
     */
    async order(name, args) {
      refusal = null;
      changed();
      try {
        return await commands.run(name, args);
      } catch (error) {
        refusal = /** @type {any} */ (error).problem ?? { message: String(error) };
        changed();
        return null;
      }
    },

    /** @param {() => void} listener @param {AbortSignal} signal */
    subscribe(listener, signal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
    },

    /** Registers a view, which is not seen until it says so. */
    addView() {
      const view = {};
      if (byeTimer !== null) {
        clock.stop(byeTimer);
        byeTimer = null;
      } else if (streaming && !stream.greeted) {
        stream.hello();
      }
      views.set(view, false);
      return {
        /** @param {boolean} visible */
        setVisible(visible) {
          if (!views.has(view)) return;
          views.set(view, visible);
          watchersChanged();
        },
        remove() {
          if (!views.delete(view)) return;
          watchersChanged();
          if (views.size > 0 || abort.signal.aborted) return;
          byeTimer = clock.start(() => {
            byeTimer = null;
            if (!leaving) stream.bye();
          }, BYE_AFTER);
        },
      };
    },

    dispose() {
      if (abort.signal.aborted) return;
      abort.abort();
      for (const [event, handler] of handlers) model.off(event, handler);
      model.off("msg:custom", onMessage);
      clock.stop(byeTimer);
      if (byeTimer !== null && !leaving) stream.bye();
      stream.dispose();
      commands.dispose();
      surface.dispose();
      atlas?.dispose();
      listeners.clear();
    },
  };
}
