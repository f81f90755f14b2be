import { createListeners } from "../../core/wire/listeners.js";
import { toBytes } from "../../core/wire/bytes.js";

/** State of a cell; the numbers are the same as in Python. */
export const WAITING = 0;
export const MAKING = 1;
export const MADE = 2;
export const FAILED = 3;

/** Upper limit of the pixels of all images. Above it, hidden images are dropped; Python still has them. */
const MOST_PIXELS = 48_000_000;
/** Interval in ms at which Python is told which cells are visible, since scrolling changes them more often. */
const LOOK_EVERY = 80;

/**
 * @typedef {object} Cell
 * @property {ImageBitmap | null} bitmap
 * @property {number} version counted by Python; 0 for an image from the state, which is a smaller version
 * @property {number} state
 * @property {number | null} value
 * @property {string} failure why there is no image
 */

/**
 * The images of the cells of a grid, by place, decoded once for all its views. It also tracks which cells are visible, and
 * therefore which images to request from Python.
 *
 * @param {object} options
 * @param {import("../../core/wire/clock.js").Clock} options.clock
 * @param {() => void} options.onDrawn called when images from Python are decoded
 * @param {() => void} options.onLook called when other cells became visible
 */
export function createCellImages({ clock, onDrawn, onLook }) {
  /** @type {Map<number, Cell>} */
  const cells = new Map();
  /** @type {Map<object, number[]>} places by the view that shows them */
  const looks = new Map();
  const listeners = createListeners();
  let board = 0;
  /** Number of changes so far, by which a view can tell whether to draw. */
  let changes = 0;
  let pixels = 0;
  let disposed = false;
  /** @type {unknown} */
  let timer = null;
  /** @type {unknown} */
  let restored = null;
  /** Messages are decoded in sequence, so that an older image never replaces a newer one. */
  let turn = Promise.resolve();

  function tell() {
    changes += 1;
    listeners.notify();
  }

  /** @param {number} next */
  function reset(next) {
    for (const cell of cells.values()) cell.bitmap?.close();
    cells.clear();
    board = next;
    pixels = 0;
    restored = null;
    tell();
  }

  /** @param {number} place @param {Cell} next */
  function keep(place, next) {
    const before = cells.get(place)?.bitmap;
    if (before) {
      pixels -= before.width * before.height;
      before.close();
    }
    if (next.bitmap) pixels += next.bitmap.width * next.bitmap.height;
    // Re-insertion keeps the map in order of age, so that the oldest entries are dropped first.
    cells.delete(place);
    cells.set(place, next);
  }

  function makeRoom() {
    if (pixels <= MOST_PIXELS) return;
    const looked = new Set([...looks.values()].flat());
    for (const [place, cell] of cells) {
      if (pixels <= MOST_PIXELS) return;
      if (!cell.bitmap || looked.has(place)) continue;
      pixels -= cell.bitmap.width * cell.bitmap.height;
      cell.bitmap.close();
      cells.delete(place);
    }
  }

  /**
   * @param {any} about
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {boolean} small whether the images come from the state, which images from Python replace
   */
  async function decode(about, bytes, small) {
    if (disposed || about.board !== board || bytes.length === 0) return;
    let sheet;
    try {
      sheet = await createImageBitmap(new Blob([bytes], { type: about.mime }));
    } catch (error) {
      // Unreadable images must not stop the requests for the next ones.
      console.warn("lucid_widgets: unreadable images", error);
      return;
    }
    const { size, columns } = about;
    /** @type {number[]} */
    const places = about.places;
    const cut = await Promise.all(
      places.map((place, index) => {
        const [x, y] = [size * (index % columns), size * Math.floor(index / columns)];
        const isFresh = (cells.get(place)?.version ?? -1) < (small ? 0 : about.versions[index]);
        const hasImage = about.states[index] === MADE || about.states[index] === MAKING;
        if (!isFresh) return undefined;
        return hasImage ? createImageBitmap(/** @type {ImageBitmap} */ (sheet), x, y, size, size) : null;
      }),
    );
    sheet.close();
    for (const [index, bitmap] of cut.entries()) {
      if (bitmap === undefined) continue;
      if (disposed || about.board !== board) {
        bitmap?.close();
        continue;
      }
      const place = /** @type {number} */ (places[index]);
      keep(place, {
        bitmap,
        version: small ? 0 : about.versions[index],
        state: about.states[index],
        value: about.values[index],
        failure: about.failures[place] ?? "",
      });
    }
    makeRoom();
    tell();
  }

  /** @param {any} about @param {Uint8Array<ArrayBuffer>} bytes @param {boolean} small */
  function take(about, bytes, small) {
    turn = turn.then(() => decode(about, bytes, small)).then(() => {
      if (!disposed && !small) onDrawn();
    });
  }

  function look() {
    if (timer !== null || disposed) return;
    timer = clock.start(() => {
      timer = null;
      onLook();
    }, LOOK_EVERY);
  }

  return {
    /** Names of the traits that hold its state. */
    names: /** @type {(keyof WidgetState)[]} */ (["_board", "_sheet", "_sheet_meta"]),

    /** @param {(name: "_board" | "_sheet" | "_sheet_meta") => any} get */
    restore(get) {
      const now = get("_board") ?? 0;
      if (now !== board) {
        reset(now);
        look();
      }
      const about = get("_sheet_meta");
      if (about === restored || !about?.places || about.board !== board) return;
      restored = about;
      take(about, toBytes(get("_sheet")), true);
    },

    /** @param {any} message @param {Uint8Array<ArrayBuffer>} bytes */
    receive(message, bytes) {
      take(message, bytes, false);
    },

    /** Fields of a request to Python. */
    wanted() {
      const places = [...new Set([...looks.values()].flat())];
      return { board, places, versions: places.map((place) => cells.get(place)?.version ?? 0) };
    },

    /** @param {number} place @returns {Cell | undefined} */
    cell: (place) => cells.get(place),

    get changes() {
      return changes;
    },

    /** Whether there are no images. */
    get empty() {
      return pixels === 0;
    },

    /** Sets the places that a view shows. @param {object} view @param {number[]} places */
    show(view, places) {
      const before = looks.get(view);
      if (before && before.length === places.length && before.every((place, index) => place === places[index])) return;
      looks.set(view, places);
      look();
    },

    /** @param {object} view */
    leave(view) {
      looks.delete(view);
    },

    /** Calls a listener after each change, until its signal aborts. */
    subscribe: listeners.subscribe,

    dispose() {
      disposed = true;
      clock.stop(timer);
      for (const cell of cells.values()) cell.bitmap?.close();
      cells.clear();
      listeners.clear();
    },
  };
}
