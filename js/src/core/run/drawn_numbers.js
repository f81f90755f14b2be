import { ACTIVE } from "../wire/stream.js";

/**
 * Returns a function that puts step and objective of the drawn image into the state of a run.
 *
 * Traits follow a run only a few times per second. Without this, the numbers would lag behind the image next to them.
 */
export function createDrawnNumbers() {
  /** Id of the newest image that may belong to an earlier run. */
  let earlier = 0;

  /**
   * @param {WidgetState} state
   * @param {import("../wire/stream.js").FrameMeta | null} meta of the drawn image
   * @returns {WidgetState}
   */
  return function drawnNumbers(state, meta) {
    const id = meta?.id ?? 0;
    if (!ACTIVE.has(state.status) || !state.current_step) earlier = id;
    if (!meta || id <= earlier) return state;
    return { ...state, current_step: meta.step, objective_value: meta.objective };
  };
}
