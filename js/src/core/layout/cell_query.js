/**
 * A search for channels: words, and comparisons of figures that real images tell. `Microscope.search` reads the same text. No DOM.
 *
 * @typedef {{figure: string, than: string, value: number}} Comparison
 */

/** What channels can be compared by, as in Python. */
const FIGURES = ["strength", "selectivity", "sparsity"];
const NAMES = FIGURES.join("|");
const NUMBER = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?";
const COMPARISON = new RegExp(`(?<!\\S)(${NAMES})\\s*(<=|>=|<|>)\\s*(${NUMBER})(?!\\S)`, "gi");
/** What someone has typed of a comparison so far. */
const UNFINISHED = new RegExp(`(?<!\\S)(${NAMES})\\s*[<>]\\S*\\s*$`, "i");

/**
 * @param {string} text
 * @returns {{words: string, comparisons: Comparison[]}} the words in small letters, with the spaces between them
 */
export function parseQuery(text) {
  /** @type {Comparison[]} */
  const comparisons = [];
  const rest = text.replace(COMPARISON, (_, figure, than, value) => {
    comparisons.push({ figure: figure.toLowerCase(), than, value: Number(value) });
    return " ";
  });
  return { words: rest.replace(UNFINISHED, " ").toLowerCase().replaceAll(":", " ").trim(), comparisons };
}

/** Whether a comparison holds; never for an unknown figure. @param {Comparison} comparison @param {number | null | undefined} figure */
export function holds({ than, value }, figure) {
  if (figure === null || figure === undefined) return false;
  if (than === "<") return figure < value;
  if (than === "<=") return figure <= value;
  return than === ">" ? figure > value : figure >= value;
}
