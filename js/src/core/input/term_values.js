/**
 * @typedef {object} Term
 * @property {number} id
 * @property {string} kind
 * @property {boolean} negative
 * @property {number} weight
 * @property {boolean} enabled
 * @property {Record<string, any>} arguments
 * @property {boolean} fixed a function in Python, which cannot be written
 * @property {string} text the term in code, without its weight; empty while it is unfinished
 * @property {{message?: string, hint?: string, field?: string}} problem
 */

/** @typedef {{name: string, type: string, of: string, default: any, optional: boolean}} Field */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number as a person types it, or null. @param {string} typed */
export function parseReal(typed) {
  const clean = typed.trim().replace("−", "-");
  if (!NUMBER.test(clean)) return null;
  const value = Number(clean);
  return Number.isFinite(value) ? value : null;
}

/** A number in as few figures as it takes. @param {number} value */
export function writeReal(value) {
  return String(value).replace("-", "−");
}

/**
 * The next number up or down of the series 1, 2, 5, 10, ...: what one tries as a weight.
 * @param {number} value from 0 up @param {1 | -1} direction
 */
export function nextWeight(value, direction) {
  if (value <= 0) return direction > 0 ? 0.001 : 0;
  const power = Math.floor(Math.log10(value) + 1e-9);
  const series = [-1, 0, 1].flatMap((more) => [1, 2, 5].map((step) => Number((step * 10 ** (power + more)).toPrecision(1))));
  const found = direction > 0 ? series.find((each) => each > value * 1.000001) : series.findLast((each) => each < value * 0.999999);
  return found ?? value;
}

/** Whole numbers from 0 up with commas or spaces between, or null. @param {string} typed */
export function parseChannels(typed) {
  const parts = typed.split(/[\s,;]+/).filter(Boolean);
  if (parts.length === 0 || !parts.every((part) => /^\d{1,7}$/.test(part))) return null;
  return parts.map(Number);
}

/**
 * A direction as a person types it: `30: 1, 60: -0.5`, the rest being zero, or a number for each channel.
 * @param {string} typed
 * @param {number | null} channels of the layer
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

/** A direction as short as it can be typed. @param {number[]} vector */
export function writeVector(vector) {
  const used = vector.flatMap((value, channel) => (value === 0 ? [] : [`${channel}: ${value}`]));
  return used.length <= Math.min(12, vector.length / 2) && used.length > 0 ? used.join(", ") : vector.join(", ");
}

/**
 * A direction at random: normal numbers, of two decimals since they have to be written.
 * @param {number} channels @param {() => number} [random]
 */
export function randomVector(channels, random = Math.random) {
  return Array.from({ length: channels }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.round(100 * normal) / 100 + 0;
  });
}

/**
 * Labels that fit a search, best first: those that begin with it, those in which a word does, those that contain it.
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
 * The length of what is at a place in a text, to underline it: a word, a text in quotes, or one character.
 * @param {string} source @param {number} position
 */
export function lengthAt(source, position) {
  const found = /^(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\w+)/.exec(source.slice(position));
  return found ? found[0].length : 1;
}
