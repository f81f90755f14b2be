/**
 * A network that can be chosen, as Python describes it.
 * @typedef {object} NetworkOption
 * @property {"given" | "variable" | "name" | "file"} kind
 * @property {string} key
 * @property {string} group
 * @property {string} name
 * @property {string} about
 * @property {"current" | "here" | "download" | "missing"} state
 * @property {number} megabytes size of the download
 */

/**
 * Options whose name or description contains every word of a query.
 * @param {NetworkOption[]} options
 * @param {string} query
 */
export function filterNetworks(options, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return options.filter(({ name, about }) => {
    const haystack = `${name} ${about}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** Whether a query is the path of a file or a folder rather than a part of a name. @param {string} query */
export function isPath(query) {
  return /[\\/]|^~|\.(pb|keras|h5|hdf5|json)$/i.test(query.trim());
}
