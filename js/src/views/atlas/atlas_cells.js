import { createListeners } from "../../core/wire/listeners.js";
import { toBytes } from "../../core/wire/bytes.js";

/** Most images in one request. Python answers no more. */
const MOST_ASKED = 64;
/** Most images that are kept. */
const MOST_KEPT = 4000;
/** Time in ms in which requests of images are gathered. */
const GATHER = 30;
/** Time in ms after which images are asked for again that were not finished. */
const AGAIN = 2000;

/**
 * A grid of an atlas.
 * @typedef {object} Grid
 * @property {number} size number of cells along each side
 * @property {Int32Array} places row and column of each cell
 * @property {Int32Array} counts number of activations of each cell
 * @property {number} classes number of classes of each cell
 * @property {Int32Array} best the classes of each cell, the strongest first
 * @property {Float32Array} values their attributions
 * @property {Map<number, number>} numbers number of each cell, by row times `size` plus column
 */

/** @typedef {{id: string, label: string, url: string, size: string, position: string}} Example */

/** @param {Uint8Array<ArrayBuffer> | undefined} bytes @returns {ArrayBuffer} a copy, aligned as typed arrays need it */
const copied = (bytes) => (bytes ? bytes.slice().buffer : new ArrayBuffer(0));

/**
 * What the map shows, requested from Python when it is first needed: grids, images in view, scores of classes, and real
 * images of a cell.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createAtlasCells({ session, signal }) {
  const listeners = createListeners();
  /** @type {Map<number, Grid | null>} null while it is requested */
  const grids = new Map();
  /** @type {Map<string, ImageBitmap>} by grid and cell */
  const tiles = new Map();
  /** `lasting` for a cell outside the map. @type {Map<string, {size: number, cell: number, lasting: boolean}>} */
  const missing = new Map();
  /** Images that Python has not finished yet. @type {Set<string>} */
  const unfinished = new Set();
  /** @type {Map<string, Float32Array | null>} by grid and classes */
  const scores = new Map();
  /** @type {Map<string, Example[] | null>} by grid and cell */
  const examples = new Map();
  /** @type {string[]} */
  const urls = [];
  let asking = false;
  /** @type {unknown} */
  let timer = null;
  /** @type {unknown} */
  let again = null;

  const keyOf = (/** @type {number} */ size, /** @type {number} */ cell) => `${size} ${cell}`;

  /** @param {string} name @param {object} args */
  async function ask(name, args) {
    try {
      return await session.command(name, args);
    } catch (error) {
      console.warn(`lucid_widgets: no answer to ${name}`, error);
      return null;
    }
  }

  /** @param {number} size */
  async function fetchGrid(size) {
    grids.set(size, null);
    const answer = await ask("grid", { size });
    if (signal.aborted || !answer) return;
    const [places, counts, best, values] = answer.buffers.map((bytes) => copied(toBytes(bytes)));
    if (!places || !counts || !best || !values) return;
    const grid = { size, places: new Int32Array(places), counts: new Int32Array(counts), classes: answer.value.classes, best: new Int32Array(best), values: new Float32Array(values), numbers: new Map() };
    for (let cell = 0; cell < grid.counts.length; cell += 1) {
      grid.numbers.set(/** @type {number} */ (grid.places[2 * cell]) * size + /** @type {number} */ (grid.places[2 * cell + 1]), cell);
    }
    grids.set(size, grid);
    listeners.notify();
  }

  function soon() {
    if (timer !== null || asking || signal.aborted) return;
    timer = session.clock.start(() => {
      timer = null;
      fetchTiles();
    }, GATHER);
  }

  async function fetchTiles() {
    const size = [...missing.values()].at(-1)?.size;
    if (size === undefined) return;
    // The cells that were asked for last are those in view.
    const cells = [...missing.values()].filter((each) => each.size === size).slice(-MOST_ASKED).map(({ cell }) => cell);
    asking = true;
    const answer = await ask("tiles", { size, cells });
    for (const cell of cells) {
      missing.delete(keyOf(size, cell));
      unfinished.add(keyOf(size, cell));
    }
    try {
      if (answer) await decode(answer.value, answer.buffers);
    } catch (error) {
      console.warn("lucid_widgets: images cannot be decoded", error);
    }
    asking = false;
    if (signal.aborted) return;
    if (answer && !answer.value.complete) askAgain();
    if (missing.size) soon();
    listeners.notify();
  }

  function askAgain() {
    again ??= session.clock.start(() => {
      again = null;
      unfinished.clear();
      listeners.notify(); // the map asks for what it shows
    }, AGAIN);
  }

  /** @param {any} about @param {Uint8Array<ArrayBuffer>[]} buffers */
  async function decode(about, buffers) {
    if (!about.cells.length || !buffers[0]) return;
    const sheet = await createImageBitmap(new Blob([toBytes(buffers[0])], { type: "image/jpeg" }));
    const { size, width, height, columns } = about;
    const cut = await Promise.all(
      about.cells.map((/** @type {number} */ _, /** @type {number} */ index) => createImageBitmap(sheet, width * (index % columns), height * Math.floor(index / columns), width, height)),
    );
    sheet.close();
    for (const [index, bitmap] of cut.entries()) {
      const key = keyOf(size, about.cells[index]);
      tiles.get(key)?.close();
      if (signal.aborted) bitmap.close();
      else tiles.set(key, bitmap);
      unfinished.delete(key);
    }
    for (const [key, bitmap] of tiles) {
      if (tiles.size <= MOST_KEPT) break;
      bitmap.close();
      tiles.delete(key);
    }
  }

  /** @param {number} size @param {string} label @param {string} minus @param {string} key */
  async function fetchScores(size, label, minus, key) {
    scores.set(key, null);
    const answer = await ask("scores", { size, label, minus });
    if (signal.aborted || !answer) return;
    scores.set(key, new Float32Array(copied(toBytes(answer.buffers[0]))));
    listeners.notify();
  }

  /** @param {number} size @param {number} cell @param {string} key */
  async function fetchExamples(size, cell, key) {
    examples.set(key, null);
    const answer = await ask("examples", { size, cell });
    if (signal.aborted || !answer) return;
    const { images, columns } = answer.value;
    const rows = Math.max(1, Math.ceil(images.length / columns));
    const url = images.length ? URL.createObjectURL(new Blob([toBytes(answer.buffers[0])], { type: "image/jpeg" })) : "";
    if (url) urls.push(url);
    const share = (/** @type {number} */ at, /** @type {number} */ count) => `${count > 1 ? (100 * at) / (count - 1) : 0}%`;
    examples.set(
      key,
      images.map((/** @type {{id: string, label: string}} */ image, /** @type {number} */ index) => ({
        ...image,
        url,
        size: `${100 * columns}% ${100 * rows}%`,
        position: `${share(index % columns, columns)} ${share(Math.floor(index / columns), rows)}`,
      })),
    );
    listeners.notify();
  }

  signal.addEventListener("abort", () => {
    session.clock.stop(timer);
    session.clock.stop(again);
    for (const bitmap of tiles.values()) bitmap.close();
    for (const url of urls) URL.revokeObjectURL(url);
    listeners.clear();
  });

  return {
    subscribe: listeners.subscribe,

    /** A grid; null until Python has sent it. @param {number} size */
    grid(size) {
      if (!grids.has(size)) fetchGrid(size);
      return grids.get(size) ?? null;
    },

    /** Forgets requests that are still to be sent: the map asks again for what it shows. */
    forgetRequests() {
      for (const [key, { lasting }] of missing) if (!lasting) missing.delete(key);
    },

    /** The image of a cell; null until Python has sent it. @param {number} size @param {number} cell @param {boolean} [lasting] */
    tile(size, cell, lasting = false) {
      const key = keyOf(size, cell);
      const found = tiles.get(key) ?? null;
      if (!found && !unfinished.has(key)) {
        missing.delete(key);
        missing.set(key, { size, cell, lasting });
        soon();
      }
      return found;
    },

    /** Whether Python has said that an image is not finished. @param {number} size @param {number} cell */
    isUnfinished: (size, cell) => unfinished.has(keyOf(size, cell)),

    /** Attribution of each cell to a class, or to the difference of two; null until Python has sent it. @param {number} size @param {string} label @param {string} minus */
    scores(size, label, minus) {
      if (!label) return null;
      const key = JSON.stringify([size, label, minus]);
      if (!scores.has(key)) fetchScores(size, label, minus, key);
      return scores.get(key) ?? null;
    },

    /** Real images of a cell; null until Python has sent them. @param {number} size @param {number} cell */
    examples(size, cell) {
      const key = keyOf(size, cell);
      if (!examples.has(key)) fetchExamples(size, cell, key);
      return examples.get(key) ?? null;
    },
  };
}

/** @typedef {ReturnType<typeof createAtlasCells>} AtlasCells */
