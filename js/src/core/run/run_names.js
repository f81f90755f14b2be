import { text } from "../text/common.js";
import { workbenchText } from "../text/workbench.js";
import { formatObjective } from "../text/format.js";
import { shortName } from "../objective/short_name.js";
import { WORDS } from "./run_differences.js";

/** @typedef {import("./run_differences.js").Run} Run */

/** Most differing settings in a name. */
const MOST = 2;

/**
 * Short names that tell runs apart: the objective, then the network if the runs have several, whether the run
 * was steered, and the settings in which runs of the same objective differ.
 * @param {Run[]} runs
 * @param {string} [network] name of the present network
 * @returns {Map<number, {objective: string, more: string, name: string}>} by id; `name` is all of it
 */
export function runNames(runs, network) {
  const several = new Set([...runs.map((run) => run.model), ...(network ? [network] : [])]).size > 1;
  return new Map(
    runs.map((run) => {
      const same = runs.filter((other) => other.expression === run.expression && other.model === run.model);
      const differing = Object.entries(WORDS)
        .filter(([name]) => name !== "expression" && same.some((other) => value(other, name) !== value(run, name)))
        .map(([name, words]) => words(value(run, name), run));
      const objective = shortName(run.expression);
      const more = [...(several && run.model ? [run.model] : []), ...(run.steered ? [workbenchText.steered] : []), ...differing.slice(0, MOST)].join(" · ");
      return [run.id, { objective, more, name: more ? `${objective} · ${more}` : objective }];
    }),
  );
}

/** Objective and time of a run, with more facts in between. @param {Run} run @param {string[]} [more] */
export function runFacts(run, more = []) {
  const time = run.rested_at ? new Date(1000 * run.rested_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) : "";
  return [formatObjective(run.objective), ...more, time].filter((part) => part && part !== text.nothing).join(" · ");
}

/** @param {Run} run @param {string} name */
function value(run, name) {
  return /** @type {any} */ (run)[name];
}
