const STRING = '"((?:[^"\\\\]|\\\\.)*)"';

/** Short forms of common terms, tried in order. @type {Array<[RegExp, string]>} */
const FORMS = [
  [new RegExp(`\\bchannel\\(${STRING}, (\\d+)\\)`, "g"), "$1:$2"],
  [new RegExp(`\\bclass_logit\\("[^"]*", ${STRING}\\)`, "g"), "$1"],
  [/\bclass_logit\("[^"]*", (\d+)\)/g, "class $1"],
  [new RegExp(`\\bdeepdream\\(${STRING}\\)`, "g"), "all of $1"],
  [new RegExp(`\\bneuron\\(${STRING}, (\\d+)\\)`, "g"), "$1:$2 at the center"],
];

/**
 * The short name of an objective: `mixed4a:152` for a channel, `panda` for a class. Terms without a short form stay code.
 * @param {string} expression
 */
export function shortName(expression) {
  return FORMS.reduce((name, [form, short]) => name.replace(form, short), expression);
}
