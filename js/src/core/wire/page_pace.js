/**
 * When a page with many moving runs shows something new.
 *
 * For each change, however small, a browser lays out and paints the page. If each of many runs showed its changes as they
 * arrive, that would take the processor away from Python. So with more than `FEW` of them, all show them at the same
 * moments: at multiples of one interval of the page's clock.
 */

/** Runs that a page shows without waiting. */
export const FEW = 4;
/** Time in ms between two such moments, for each moving run. */
export const EACH = 25;

// Every widget has its own copy of this module, and widgets of a page share only its global object.
const RUNS = Symbol.for("lucid_widgets moving runs");

/**
 * @param {import("./clock.js").Clock} clock
 * @param {any} [page] its global object
 */
export function createPagePace(clock, page = globalThis) {
  /** @type {Set<object>} */
  const runs = (page[RUNS] ??= new Set());
  const own = {};
  return {
    /** @param {boolean} moving whether the page shows a run of this widget that moves */
    setMoving(moving) {
      if (moving) runs.add(own);
      else runs.delete(own);
    },

    /**
     * Time in ms until the next moment, or until a later one; 0 if there are few runs.
     * @param {number} [later] number of moments to leave out
     */
    wait(later = 0) {
      const interval = EACH * runs.size;
      return runs.size > FEW ? interval * (later + 1) - (clock.now() % interval) : 0;
    },
  };
}
