import { formatCount } from "../text/format.js";
import { workbenchText } from "../text/workbench.js";
import { shortName } from "../objective/short_name.js";

/**
 * A run of the history, as Python describes it.
 * @typedef {object} Run
 * @property {number} id
 * @property {string} model name of the network
 * @property {number} step
 * @property {number | null} objective
 * @property {string} expression
 * @property {number} steps
 * @property {number} seed
 * @property {number} image_size
 * @property {number} batch
 * @property {string} parameterization
 * @property {string} robust_to
 * @property {number} shift
 * @property {number} scale
 * @property {number} rotate
 * @property {string} optimizer
 * @property {number} learning_rate
 * @property {string} start_image
 * @property {boolean} steered
 * @property {Array<[number, string]>} objectives steps, and what the steps after them maximized
 * @property {string} [stored] name of the store that the image is from; then there is no run, and only what names the image is known
 * @property {number} rested_at seconds since 1970
 */

/** Values of `robust_to` for which shift, scale and rotate have an effect. @type {readonly string[]} */
export const MOVED = ["affine", "tokens"];

/** Description of each setting, most important first. @type {Record<string, (value: any, run: Run) => string>} */
export const WORDS = {
  model: (value) => value,
  expression: shortName,
  image_size: (value) => workbenchText.runSize(formatCount(value), 1),
  batch: (value) => workbenchText.batchSize(value),
  parameterization: (value) => workbenchText.parameterizations[/** @type {"fourier"} */ (value)] ?? value,
  start_image: (value) => workbenchText.runStart(value),
  robust_to: (value) => `${workbenchText.jitter.toLowerCase()} ${workbenchText.robustTo[/** @type {"affine"} */ (value)] ?? value}`,
  shift: (value) => `${workbenchText.shift} ${workbenchText.strengths.shift(String(value))}`,
  scale: (value) => `${workbenchText.scale} ${workbenchText.strengths.scale(String(Math.round(value * 100)))}`,
  rotate: (value) => `${workbenchText.rotate} ${workbenchText.strengths.rotate(String(value))}`,
  optimizer: (value) => value,
  learning_rate: (value) => `${workbenchText.rate} ${value}`,
  seed: (value) => workbenchText.runSeed(value),
};

/**
 * Descriptions of the settings of a run that differ from the current ones.
 * @param {Run} run
 * @param {WidgetState} state
 * @returns {string[]}
 */
export function differences(run, state) {
  const now = /** @type {Record<string, any>} */ ({ ...state, model: state.model_name, start_image: startOf(state) });
  const moved = MOVED.includes(run.robust_to);
  return Object.entries(WORDS)
    .filter(([name]) => moved || !["shift", "scale", "rotate"].includes(name))
    .filter(([name]) => /** @type {any} */ (run)[name] !== now[name])
    .map(([name, words]) => words(/** @type {any} */ (run)[name], run));
}

/** @param {WidgetState} state */
function startOf(state) {
  const about = state._start_image_about ?? {};
  return about.width === undefined || ["cppn", "maco", "direct_ascent"].includes(state.parameterization) ? "" : about.name || workbenchText.startArray;
}
