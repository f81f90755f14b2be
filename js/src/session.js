import { createAhead } from "./core/wire/ahead.js";
import { createListeners } from "./core/wire/listeners.js";
import { newClientId } from "./core/wire/client_id.js";
import { createCommands } from "./core/wire/commands.js";
import { createPagePace } from "./core/wire/page_pace.js";
import { ACTIVE, createStream } from "./core/wire/stream.js";
import { systemClock } from "./core/wire/clock.js";
import { toBytes } from "./core/wire/bytes.js";
import { createSharedCanvas } from "./views/canvas/shared_canvas.js";

/** Delay in ms before "bye" after the last view is removed: a host that moves a view removes and re-creates it. */
const BYE_AFTER = 300;

/** Traits that follow a run, which change many times before it ends. */
const FOLLOWING = new Set(["current_step", "objective_value", "rate", "remaining", "history", "_frame_bytes", "_frame_meta", "_filmstrip", "_filmstrip_sheet"]);

/** @typedef {ReturnType<typeof createSession>} Session */

/**
 * The part that all views of one widget on this page share: the state, the newest image, the commands and one client id.
 *
 * @param {object} options
 * @param {import("@anywidget/types").AnyModel} options.model
 * @param {(keyof WidgetState)[]} options.traits names of the traits that the views read
 * @param {boolean} [options.streaming] whether Python produces images that the page requests
 * @param {import("./core/wire/clock.js").Clock} [options.clock]
 * @param {typeof import("./views/grid/cell_images.js").createCellImages} [options.cellImages] for widgets that show many images
 */
export function createSession({ model, traits, streaming = true, clock = systemClock, cellImages: createCellImages }) {
  const client = newClientId();
  const abort = new AbortController();
  const listeners = createListeners();
  /** @type {Map<object, boolean>} views, and whether each is visible */
  const views = new Map();
  /** @type {Record<string, any>} values that are newer than the traits: from replies, in hosts where Python cannot push, or asked for ahead */
  const answered = {};
  const ahead = createAhead((layer, channel) => commands.run("real_images", { layer, channel }, { quiet: true }));
  let onlyAnswers = false;
  let leaving = false;
  let scheduled = false;
  let silent = false;
  /** @type {unknown} */
  let byeTimer = null;
  /** @type {unknown} */
  let updateTimer = null;
  /** @type {import("./core/wire/commands.js").Problem | null} */
  let refusal = null;

  const pace = createPagePace(clock);
  const sharedCanvas = createSharedCanvas({ clock, wait: pace.wait, onDrawn: drawn });
  const cellImages = createCellImages?.({ clock, onDrawn: () => stream.drawn(), onLook: () => stream.ask() }) ?? null;
  const stream = createStream({ client, send, clock, onFrame: sharedCanvas.push, more: () => cellImages?.wanted() ?? {} });
  const commands = createCommands({ client, send, clock, onKernelState: kernelStateChanged });

  /** @param {object} message */
  function send(message) {
    // The comm of a closed widget or a lost kernel throws. The page reports that through commands that stay unanswered.
    try {
      model.send(message);
    } catch {
      /* no listener */
    }
  }

  /** @param {import("./core/wire/commands.js").KernelState} state */
  function kernelStateChanged(state) {
    // After a silence, messages may have been lost.
    if (silent && state !== "silent" && stream.greeted) stream.hello(known());
    silent = state === "silent";
    changed();
  }

  /** Simple traits, which Python compares with its own when this page says hello. */
  function known() {
    const values = traits.map((name) => /** @type {const} */ ([name, model.get(name)]));
    return Object.fromEntries(values.filter(([, value]) => value === null || (typeof value !== "object" && value !== undefined)));
  }

  /** Whether a kernel can answer. Hosts that do not tell are assumed to have one. */
  function hasKernel() {
    return /** @type {any} */ (model).widget_manager?.kernel !== null;
  }

  /** Whether the kernel is known to execute something. Most hosts do not tell. */
  function isKernelBusy() {
    return /** @type {any} */ (model).widget_manager?.kernel?.status === "busy";
  }

  function watchRun() {
    const moving = streaming && ACTIVE.has(get("status")) && [...views.values()].some(Boolean);
    commands.watch(moving, isKernelBusy);
    pace.setMoving(moving);
  }

  function drawn() {
    stopUpdate(); // the views showed everything, next to the image
    stream.drawn();
  }

  function stopUpdate() {
    clock.stop(updateTimer);
    updateTimer = null;
  }

  /** Schedules one update of the views for what follows the run, unless an image comes first. */
  function followed() {
    const wait = pace.wait(1);
    if (wait === 0) changed();
    else updateTimer ??= clock.start(changed, wait);
  }

  /** Schedules one update of the views for all traits that change in the same task. */
  function changed() {
    stopUpdate();
    if (scheduled || abort.signal.aborted) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      if (abort.signal.aborted) return;
      stream.setStatus(get("status"));
      watchRun();
      listeners.notify();
    });
  }

  /** @template {keyof WidgetState} Name @param {Name} name @returns {WidgetState[Name]} */
  function get(name) {
    return name in answered ? answered[name] : model.get(name);
  }

  /** @param {keyof WidgetState} name */
  function traitChanged(name) {
    delete answered[name];
    commands.alive();
    if (name === "_frame_bytes" || name === "_frame_meta") offerTrait();
    if (cellImages?.names.includes(name)) cellImages.restore(get);
    if (FOLLOWING.has(name)) followed();
    else changed();
  }

  /** Shows the newest image from the traits, which survive a reload and are available without a kernel. */
  function offerTrait() {
    const meta = model.get("_frame_meta");
    if (meta && meta.id) stream.offer(meta, toBytes(model.get("_frame_bytes")));
    else if (!ACTIVE.has(get("status"))) sharedCanvas.clear();
  }

  /** @param {Record<string, any>} values */
  function overlay(values) {
    if (!onlyAnswers) return;
    for (const [name, value] of Object.entries(values)) if (value !== undefined) answered[name] = value;
    changed();
  }

  /**
   * Sends a command. If it asks for a unit that is here already, the views show that at once, and the traits replace it when
   * they arrive.
   * @param {string} name @param {Record<string, any>} [args] @param {{quiet?: boolean}} [options] as of `commands.run`
   */
  function run(name, args = {}, options) {
    const answer = commands.run(name, args, options);
    const known = name === "set" && "channel" in args ? ahead.of(args.layer ?? get("layer"), args.channel) : null;
    if (known) {
      Object.assign(answered, known);
      changed();
      answer.catch(() => {
        for (const each of Object.keys(known)) delete answered[each];
        changed();
      });
    }
    return answer;
  }

  /** @param {any} message @param {any[]} [buffers] */
  function onMessage(message, buffers = []) {
    commands.alive();
    if (message?.type === "frame") {
      overlay({ status: message.status, current_step: message.step, objective_value: message.objective });
      if (!stream.offer(message, toBytes(buffers[0]))) stream.nothingNewer();
    } else if (message?.type === "none") {
      onlyAnswers = true;
      overlay({ status: message.status });
      stream.nothingNewer();
    } else if (message?.type === "cells") {
      overlay({ status: message.status });
      cellImages?.receive(message, toBytes(buffers[0]));
    } else if (message?.type === "reply") {
      commands.settle(message, buffers.map(toBytes));
    }
  }

  const handlers = traits.map((name) => /** @type {const} */ ([`change:${name}`, () => traitChanged(name)]));
  for (const [event, handler] of handlers) model.on(event, handler);
  model.on("msg:custom", onMessage);
  // Reloading or leaving the page must not end the run, and some hosts remove their views while the page unloads.
  addEventListener("pagehide", () => setLeaving(true), { signal: abort.signal });
  addEventListener("pageshow", () => setLeaving(false), { signal: abort.signal });

  /** @param {boolean} value */
  function setLeaving(value) {
    leaving = value;
    // Python need not keep a widget for a page that is gone.
    if (leaving) stream.bye(true);
    else if ((streaming || views.size > 0) && !stream.greeted) stream.hello(known());
  }

  if (streaming) {
    offerTrait();
    cellImages?.restore(get);
    stream.setStatus(get("status"));
    stream.hello(known());
  }

  function watchersChanged() {
    stream.setVisible([...views.values()].some(Boolean));
    watchRun();
  }

  return {
    client,
    sharedCanvas,
    cellImages,
    clock,
    get,
    /** Aborts when the widget is disposed, not when a view is removed. */
    signal: abort.signal,

    /**
     * Sets traits that the page owns: those of a player, which must work without a kernel.
     * @param {Record<string, any>} values
     * @param {{passing?: boolean}} [options] whether newer values follow shortly, so that these need not be sent to Python
     */
    set(values, { passing = false } = {}) {
      for (const [name, value] of Object.entries(values)) model.set(name, value);
      if (!passing && hasKernel()) model.save_changes();
    },

    hasKernel,
    isKernelBusy,

    /** Whether this is a stand-alone page without a notebook. */
    offline: Boolean(/** @type {any} */ (model).offline),

    /** @returns {WidgetState} every trait that the views read */
    state() {
      return /** @type {any} */ (Object.fromEntries(traits.map((name) => [name, get(name)])));
    },

    /** Whether the kernel answers commands promptly. */
    get kernelState() {
      return commands.kernelState;
    },

    /** The last command that Python refused. Refused edits are reported by their field. */
    get refusal() {
      return refusal;
    },

    dismiss() {
      refusal = null;
      changed();
    },

    /** Updates all views after a change that did not come through a trait. */
    touch: changed,

    /** @param {string} name @param {object} [args] @param {{quiet?: boolean}} [options] */
    command: run,

    ahead,

    /**
     * Runs a command whose refusal is shown over the image, such as Run.
     * @param {string} name @param {object} [args]
     */
    async perform(name, args) {
      refusal = null;
      changed();
      try {
        return await run(name, args);
      } catch (error) {
        refusal = /** @type {any} */ (error).problem ?? { message: String(error) };
        changed();
        return null;
      }
    },

    subscribe: listeners.subscribe,

    /** Registers a view. It counts as hidden until it reports that it is visible. */
    addView() {
      const view = {};
      if (byeTimer !== null) {
        clock.stop(byeTimer);
        byeTimer = null;
      } else if (!stream.greeted) {
        stream.hello(known());
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
      stopUpdate();
      pace.setMoving(false);
      if (byeTimer !== null && !leaving) stream.bye();
      stream.dispose();
      commands.dispose();
      sharedCanvas.dispose();
      cellImages?.dispose();
      listeners.clear();
    },
  };
}
