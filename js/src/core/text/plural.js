const COUNT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0, useGrouping: "min2" });
/** The texts are English, whatever the language of the browser, so the plural is English too. */
const RULES = new Intl.PluralRules("en");

/**
 * A whole number with its noun: "1 step", "16 steps".
 *
 * @param {number} count
 * @param {string} one the noun in the singular
 * @param {string} [other] the noun in the plural; default: `one` with an s
 */
export function counted(count, one, other = `${one}s`) {
  return `${COUNT.format(count)} ${RULES.select(count) === "one" ? one : other}`;
}
