/** @typedef {"name" | "string" | "number" | "operator" | "bracket" | "plain" | "error"} TokenKind */

const PATTERN = new RegExp(
  [
    /(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/,
    /(?<error>["'].*$)/, // an unterminated string
    /(?<number>(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w))/,
    /(?<name>[^\W\d]\w*)/,
    /(?<operator>[-+*/=:])/,
    /(?<bracket>[()[\],])/,
  ]
    .map((part) => part.source)
    .join("|"),
  "gu",
);

/** The short form `layer:channel`. The layer name may contain characters that are operators in an expression. */
const SHORT = /^(\s*)([^\s:"'()]+)(:)(\d+)(\s*)$/;
/** @type {TokenKind[]} */
const SHORT_KINDS = ["plain", "string", "operator", "number", "plain"];

/**
 * Splits the text of an objective into tokens for syntax coloring. It accepts any text, since only Python validates, and
 * the joined tokens equal the text.
 * @param {string} source
 * @returns {Array<{kind: TokenKind, text: string}>}
 */
export function tokenize(source) {
  /** @type {Array<{kind: TokenKind, text: string}>} */
  const tokens = [];
  const short = SHORT.exec(source);
  if (short) {
    return SHORT_KINDS.map((kind, i) => ({ kind, text: short[i + 1] ?? "" })).filter((token) => token.text);
  }
  let end = 0;
  for (const match of source.matchAll(PATTERN)) {
    if (match.index > end) tokens.push({ kind: "plain", text: source.slice(end, match.index) });
    const [kind] = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined) ?? ["plain"];
    tokens.push({ kind: /** @type {TokenKind} */ (kind), text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < source.length) tokens.push({ kind: "plain", text: source.slice(end) });
  return tokens;
}
