import { parseReal } from "./numbers.js";

/**
 * @typedef {object} Term
 * @property {number} id
 * @property {string} kind
 * @property {boolean} negative
 * @property {number} weight
 * @property {boolean} enabled
 * @property {Record<string, any>} arguments
 * @property {boolean} fixed whether the term is a Python function, which cannot be edited
 * @property {string} text code of the term without its weight; empty while the term is incomplete
 * @property {{message?: string, hint?: string, field?: string}} problem
 */

/** @typedef {{name: string, type: string, of: string, default: any, optional: boolean}} Field */

/** The shortest text of a number, with a true minus sign. @param {number} value */
export function writeReal(value) {
  return String(value).replace("-", "−");
}

/**
 * The next weight up or down in the series 1, 2, 5, 10, ...
 * @param {number} value 0 or more @param {1 | -1} direction
 */
export function nextWeight(value, direction) {
  if (value <= 0) return direction > 0 ? 0.001 : 0;
  const power = Math.floor(Math.log10(value) + 1e-9);
  const series = [-1, 0, 1].flatMap((more) => [1, 2, 5].map((step) => Number((step * 10 ** (power + more)).toPrecision(1))));
  const found = direction > 0 ? series.find((each) => each > value * 1.000001) : series.findLast((each) => each < value * 0.999999);
  return found ?? value;
}

/** Parses channel numbers separated by commas or spaces; null for anything else. @param {string} typed */
export function parseChannels(typed) {
  const parts = typed.split(/[\s,;]+/).filter(Boolean);
  if (parts.length === 0 || !parts.every((part) => /^\d{1,7}$/.test(part))) return null;
  return parts.map(Number);
}

/**
 * Parses a direction: `30: 1, 60: -0.5` with zeros elsewhere, or one number per channel.
 * @param {string} typed
 * @param {number | null} channels number of channels of the layer, if known
 * @returns {{vector: number[] | null, problem: "syntax" | "unknown" | "range" | "", at?: number}}
 */
export function parseVector(typed, channels) {
  const clean = typed.trim().replaceAll("−", "-").replace(/^\[|\]$/g, "");
  if (!clean.includes(":")) {
    const numbers = clean.split(/[\s,;]+/).filter(Boolean).map(parseReal);
    const whole = numbers.length > 0 && numbers.every((each) => each !== null);
    return whole ? { vector: /** @type {number[]} */ (numbers), problem: "" } : { vector: null, problem: "syntax" };
  }
  if (channels === null) return { vector: null, problem: "unknown" };
  const vector = new Array(channels).fill(0);
  for (const part of clean.split(/[,;\n]+/).filter((each) => each.trim())) {
    const [left = "", right = "", ...more] = part.split(":");
    const value = parseReal(right);
    if (more.length || !/^\s*\d{1,7}\s*$/.test(left) || value === null) return { vector: null, problem: "syntax" };
    if (Number(left) >= channels) return { vector: null, problem: "range", at: Number(left) };
    vector[Number(left)] = value;
  }
  return { vector, problem: "" };
}

/** The shorter of the two notations of a direction. @param {number[]} vector */
export function writeVector(vector) {
  const used = vector.flatMap((value, channel) => (value === 0 ? [] : [`${channel}: ${value}`]));
  return used.length <= Math.min(12, vector.length / 2) && used.length > 0 ? used.join(", ") : vector.join(", ");
}

/**
 * A random direction: normally distributed numbers, rounded to two decimals so that they stay readable.
 * @param {number} channels @param {() => number} [random]
 */
export function randomVector(channels, random = Math.random) {
  return Array.from({ length: channels }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.round(100 * normal) / 100 + 0;
  });
}

/**
 * Labels that match a query: first those that start with it, then those with a word that does, then those that contain it.
 * @param {string[]} labels @param {string} query @param {number} [most]
 * @returns {{indices: number[], count: number}}
 */
export function findLabels(labels, query, most = 50) {
  const wanted = query.trim().toLowerCase();
  /** @type {[number[], number[], number[]]} */
  const ranks = [[], [], []];
  labels.forEach((label, index) => {
    const at = label.toLowerCase().indexOf(wanted);
    if (at < 0 && String(index) !== wanted) return;
    const inside = at > 0 && /\w/.test(label[at - 1] ?? "");
    ranks[at === 0 || String(index) === wanted ? 0 : inside ? 2 : 1].push(index);
  });
  const found = ranks.flat();
  return { indices: found.slice(0, most), count: found.length };
}

/**
 * Number of characters to underline for an error at a position: a word, a quoted string, or one character.
 * @param {string} source @param {number} position
 */
export function lengthAt(source, position) {
  const found = /^(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\w+)/.exec(source.slice(position));
  return found ? found[0].length : 1;
}
