/** @typedef {import("./layer_search.js").Layer} Layer */

/**
 * @typedef {object} Branch
 * @property {string} key the part of the names that all in it share, which no other branch has
 * @property {string} label what its row says: the part of the names that is new below the branch above
 * @property {number} level from 1
 * @property {Layer | null} layer the layer of that very name
 * @property {number} count layers in it
 * @property {Branch[]} branches
 */

/** Where a name may be divided: `block_5/conv_1x1` is block, 5, conv, 1x1. */
const JOINT = /[/_.]/g;

/**
 * Sorts layers into a tree by the parts of their names, in the network's order. What has no siblings is written in one
 * piece, so that no row opens onto a single other.
 * @param {Layer[]} layers
 * @returns {Branch[]}
 */
export function growTree(layers) {
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

  /** The one child of a node that is no layer itself. @param {Node} at */
  const single = (at) => (at.layer === null && at.kids.size === 1 ? (at.kids.entries().next().value ?? null) : null);
  return branches(root, 0, 1);
}

/** Where the parts of a name end. @param {string} name */
function ends(name) {
  const found = [];
  for (const { index } of name.matchAll(JOINT)) if (index > 0 && index + 1 < name.length) found.push(index + 1);
  return [...found, name.length];
}

/**
 * The rows that can be seen: those whose branches above are all open.
 * @param {Branch[]} branches
 * @param {Set<string>} open keys
 * @returns {Branch[]}
 */
export function visibleRows(branches, open) {
  return branches.flatMap((branch) => [branch, ...(open.has(branch.key) ? visibleRows(branch.branches, open) : [])]);
}

/**
 * The branches that have to be open for a layer to be seen.
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
