import { formatCount } from "../text/format.js";
import { bench } from "../text/workbench.js";

/**
 * A run of the history, as Python tells it.
 * @typedef {object} Run
 * @property {number} id
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
 */

/** What is said of each setting, in the order of how much it matters. @type {Record<string, (value: any, run: Run) => string>} */
const WORDS = {
  expression: (value) => value,
  image_size: (value) => bench.runSize(formatCount(value), 1),
  batch: (value) => `${bench.image} × ${value}`,
  parameterization: (value) => bench.parameterizations[/** @type {"fourier"} */ (value)] ?? value,
  start_image: (value) => bench.runFrom(value || bench.start),
  robust_to: (value) => `${bench.robust} ${bench.robustTo[/** @type {"affine"} */ (value)] ?? value}`,
  shift: (value) => `${bench.shift} ${bench.strengths.shift(String(value))}`,
  scale: (value) => `${bench.scale} ${bench.strengths.scale(String(Math.round(value * 100)))}`,
  rotate: (value) => `${bench.rotate} ${bench.strengths.rotate(String(value))}`,
  optimizer: (value) => value,
  learning_rate: (value) => `${bench.rate} ${value}`,
  seed: (value) => bench.runSeed(value),
};

/**
 * The settings of a run that are others than those now, in words.
 * @param {Run} run
 * @param {Record<string, any>} state
 * @returns {string[]}
 */
export function differences(run, state) {
  const now = /** @type {Record<string, any>} */ ({ ...state, start_image: startOf(state) });
  const moved = run.robust_to === "affine";
  return Object.entries(WORDS)
    .filter(([name]) => moved || !["shift", "scale", "rotate"].includes(name))
    .filter(([name]) => /** @type {any} */ (run)[name] !== now[name])
    .map(([name, words]) => words(/** @type {any} */ (run)[name], run));
}

/** @param {Record<string, any>} state */
function startOf(state) {
  const about = state.start_image_about ?? {};
  return about.width === undefined || state.parameterization === "cppn" ? "" : about.name || bench.startArray;
}
