/** @typedef {import("./layer_search.js").Layer} Layer */

/**
 * @typedef {object} Branch
 * @property {string} key common prefix of the names in this branch; unique
 * @property {string} label text of its row: the key without the key of the parent branch
 * @property {number} level depth in the tree, from 1
 * @property {Layer | null} layer the layer named exactly `key`, if any
 * @property {number} count number of layers in this branch
 * @property {Branch[]} branches
 */

/** Separators between the parts of a name: `block_5/conv_1x1` has the parts block, 5, conv, 1x1. */
const JOINT = /[/_.]/g;

/**
 * Builds a tree of layers from the parts of their names, in the order of the network. A chain of single children becomes
 * one branch, so that no row opens onto a single other row.
 * @param {Layer[]} layers
 * @returns {Branch[]}
 */
export function buildLayerTree(layers) {
  /** @typedef {{layer: Layer | null, count: number, kids: Map<string, Node>}} Node */
  /** @returns {Node} */
  const node = () => ({ layer: null, count: 0, kids: new Map() });
  const root = node();
  for (const layer of layers) {
    let at = root;
    at.count += 1;
    for (const end of ends(layer.name)) {
      const key = layer.name.slice(0, end);
      let next = at.kids.get(key);
      if (!next) at.kids.set(key, (next = node()));
      next.count += 1;
      at = next;
    }
    at.layer = layer;
  }

  /** @param {Node} parent @param {number} start @param {number} level @returns {Branch[]} */
  const branches = (parent, start, level) =>
    Array.from(parent.kids, ([first, child]) => {
      let [key, at] = [first, child];
      for (let only = single(at); only; only = single(at)) [key, at] = only;
      return { key, label: key.slice(start), level, layer: at.layer, count: at.count, branches: branches(at, key.length, level + 1) };
    });

  /** The only child of a node that is not a layer itself. @param {Node} at */
  const single = (at) => (at.layer === null && at.kids.size === 1 ? (at.kids.entries().next().value ?? null) : null);
  return branches(root, 0, 1);
}

/** Positions at which the parts of a name end. @param {string} name */
function ends(name) {
  const found = [];
  for (const { index } of name.matchAll(JOINT)) if (index > 0 && index + 1 < name.length) found.push(index + 1);
  return [...found, name.length];
}

/**
 * Rows to show: branches whose ancestors are all open.
 * @param {Branch[]} branches
 * @param {Set<string>} open keys
 * @returns {Branch[]}
 */
export function visibleRows(branches, open) {
  return branches.flatMap((branch) => [branch, ...(open.has(branch.key) ? visibleRows(branch.branches, open) : [])]);
}

/**
 * Keys of the branches that must be open for a layer's row to be shown.
 * @param {Branch[]} branches
 * @param {string} name
 * @returns {string[]}
 */
export function pathTo(branches, name) {
  for (const branch of branches) {
    if (branch.layer?.name === name) return [];
    if (name.startsWith(branch.key)) {
      const inside = branch.branches.some((each) => contains(each, name));
      if (inside) return [branch.key, ...pathTo(branch.branches, name)];
    }
  }
  return [];
}

/** @param {Branch} branch @param {string} name @returns {boolean} */
function contains(branch, name) {
  return branch.layer?.name === name || (name.startsWith(branch.key) && branch.branches.some((each) => contains(each, name)));
}
