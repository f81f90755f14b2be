import { shortName } from "../objective/short_name.js";
import { MOVED } from "./run_differences.js";

/**
 * The run that made an image, as Python describes it.
 * @typedef {import("./run_differences.js").Run} MadeBy
 */

/** Settings that can change without a new run. */
const STEERED = /** @type {const} */ (["learning_rate", "robust_to", "shift", "scale", "rotate"]);

/**
 * The expression that the image after a step was optimized for. A steered run has several.
 * @param {{expression: string, objectives?: Array<[number, string]>}} run
 * @param {number} step
 */
export function expressionAt({ expression, objectives = [] }, step) {
  const first = objectives[0]?.[1] ?? expression;
  return objectives.findLast(([from]) => from < step)?.[1] ?? first;
}

/**
 * The name of the objective that made the image after a step.
 * @param {{expression: string, objectives?: Array<[number, string]>}} run
 * @param {number} step
 */
export function nameAt(run, step) {
  return shortName(expressionAt(run, step));
}

/**
 * The kind of settings that changed after an image was made: its objective, or others; "" for none.
 * @param {MadeBy | undefined} run
 * @param {WidgetState} state
 * @returns {"" | "objective" | "settings"}
 */
export function outdated(run, state) {
  if (run?.expression === undefined || state.expression === undefined) return "";
  if (run.expression !== state.expression) return "objective";
  if (run.stored) return "";
  const matters = (/** @type {string} */ name) =>
    !state._set_in_code?.includes(name) && (MOVED.includes(run.robust_to) || !["shift", "scale", "rotate"].includes(name));
  return STEERED.some((name) => matters(name) && run[name] !== state[name]) ? "settings" : "";
}
