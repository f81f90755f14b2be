import { createListeners } from "../../core/wire/listeners.js";
import { toBytes } from "../../core/wire/bytes.js";

/** Most channels in one request. Python answers no more. */
const MOST_ASKED = 24;
/** Most images that are kept. */
const MOST_KEPT = 600;
/** Time in ms in which requests of cells are gathered. */
const GATHER = 30;

/**
 * Real images of the channels of a grid, requested from Python when a cell shows them. Also which cells are turned.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createRealCells({ session, signal }) {
  /** @type {Map<string, ImageBitmap>} by channel and number of crops side by side */
  const kept = new Map();
  /** @type {Map<string, {unit: number, across: number}>} */
  const missing = new Map();
  const listeners = createListeners();
  /** @type {Record<string, any>} */
  let state = {};
  let id = 0;
  /** The user's choice, until Python has confirmed or refused it. @type {{show_images?: boolean, turned: number[]} | null} */
  let chosen = null;
  let asking = false;
  let comparing = false;
  /** @type {unknown} */
  let timer = null;

  const keyOf = (/** @type {number} */ unit, /** @type {number} */ across) => `${unit} ${across}`;

  function forget() {
    for (const bitmap of kept.values()) bitmap.close();
    kept.clear();
    missing.clear();
  }

  function soon() {
    if (timer !== null || asking || signal.aborted) return;
    timer = session.clock.start(() => {
      timer = null;
      ask();
    }, GATHER);
  }

  async function ask() {
    const across = [...missing.values()].at(-1)?.across;
    if (across === undefined) return;
    // The cells that were asked for last are those in sight.
    const units = [...missing.values()].filter((each) => each.across === across).slice(-MOST_ASKED).map(({ unit }) => unit);
    asking = true;
    const asked = id;
    try {
      const { value, buffers } = await session.command("real_cells", { id, units, across });
      if (asked === id) await decode(value, buffers);
    } catch (error) {
      console.warn("lucid_widgets: no real images", error);
    }
    for (const unit of units) missing.delete(keyOf(unit, across));
    asking = false;
    if (missing.size) soon();
  }

  /** @param {any} about @param {Uint8Array<ArrayBuffer>[]} buffers */
  async function decode(about, buffers) {
    if (!about.units?.length || !buffers[0]) return;
    const sheet = await createImageBitmap(new Blob([toBytes(buffers[0])], { type: "image/jpeg" }));
    const { size, columns, across } = about;
    const cut = await Promise.all(
      about.units.map((/** @type {number} */ _, /** @type {number} */ index) => createImageBitmap(sheet, size * (index % columns), size * Math.floor(index / columns), size, size)),
    );
    sheet.close();
    for (const [index, bitmap] of cut.entries()) {
      if (signal.aborted || about.id !== id) bitmap.close();
      else kept.set(keyOf(about.units[index], across), bitmap);
    }
    for (const [key, bitmap] of kept) {
      if (kept.size <= MOST_KEPT) break;
      bitmap.close();
      kept.delete(key);
    }
    listeners.notify();
  }

  signal.addEventListener("abort", () => {
    session.clock.stop(timer);
    forget();
  });

  /** @returns {number[]} */
  const turned = () => chosen?.turned ?? state.turned ?? [];
  const all = () => Boolean(chosen?.show_images ?? state.show_images);

  /** @param {{show_images?: boolean, turned: number[]}} choice */
  async function choose(choice) {
    chosen = choice;
    session.touch();
    await session.perform("set", choice);
    if (chosen === choice) chosen = null;
    session.touch();
  }

  return {
    /** @param {Record<string, any>} newest */
    update(newest) {
      state = newest;
      const now = newest._figures?.id ?? 0;
      if (now !== id) forget();
      id = now;
    },

    /** Whether Python can answer, and has images. */
    get offered() {
      return Boolean(state._image_source) && session.hasKernel() && !session.offline;
    },

    /** Whether a channel shows its real images. Until the index is there, it shows its visualization. @param {number} unit */
    shows(unit) {
      return id > 0 && this.offered && this.wants(unit);
    },

    /** Whether a channel shows its real images, once the index is there. @param {number} unit */
    wants: (unit) => all() !== turned().includes(unit),

    /** Turns one cell. @param {number} unit */
    turn(unit) {
      const before = turned();
      choose({ turned: before.includes(unit) ? before.filter((each) => each !== unit) : [...before, unit] });
    },

    /** Turns all cells to one side. @param {boolean} real */
    turnAll(real) {
      choose({ show_images: real, turned: [] });
    },

    /** Asks Python for the figures of the layer, unless they are there. */
    async compare() {
      if (id || comparing) return;
      comparing = true;
      try {
        await session.command("compare");
      } catch (error) {
        console.warn("lucid_widgets: no figures", error);
      }
      comparing = false;
    },

    /** Whether all cells but the turned ones show real images. */
    get all() {
      return all();
    },

    /** The image of a channel; null until Python has sent it. @param {number} unit @param {number} across crops side by side */
    bitmap(unit, across) {
      const key = keyOf(unit, across);
      const found = kept.get(key) ?? null;
      if (!found && id) {
        missing.delete(key);
        missing.set(key, { unit, across });
        soon();
      }
      return found;
    },

    /** Calls a listener when images have come. */
    subscribe: listeners.subscribe,
  };
}

/** @typedef {ReturnType<typeof createRealCells>} RealCells */
