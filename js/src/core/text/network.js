import { text } from "./common.js";

/** Text about choosing a network. */
export const networkText = {
  choose: /** @param {string} name */ (name) => `Network: ${name}. Choose another`,
  chooseTip: /** @param {string} name */ (name) => `${name}\nChoose another network to visualize`,
  title: "Choose a network",
  search: "Search, or type the path of a file",
  searchTip: "Search by name. A path ends in .pb, .keras, .h5 or .json, or is the folder of a SavedModel. Enter opens it",
  list: "Networks",
  none: "No matching networks. To open a file, type its path.",
  found: /** @param {number} count */ (count) => `${count} ${count === 1 ? "network" : "networks"} found`,
  groups: /** @type {Record<string, string>} */ ({
    given: "This widget's own",
    notebook: "In this notebook",
    files: "In your folder of models",
    zoo: "Model zoo",
    keras: "keras.applications",
    missing: "Lucid's zoo, without a download",
  }),
  open: /** @param {string} path */ (path) => `Open ${path}`,
  openAbout: "A file on the machine of the kernel",
  states: { current: "in use", here: "ready", missing: "needs its file" },
  size: /** @param {number} megabytes */ (megabytes) =>
    megabytes >= 1000 ? `${(megabytes / 1000).toFixed(1)} GB` : `${megabytes} MB`,
  download: /** @param {string} size */ (size) => `${size} download`,

  downloading: /** @param {string} name @param {string} done @param {string} left */ (name, done, left) =>
    [`Downloading ${name}`, done, left].filter(Boolean).join(" · "),
  doneOf: /** @param {number} done @param {number} total */ (done, total) =>
    total ? `${megabytes(done)} of ${megabytes(total)} MB` : done ? `${megabytes(done)} MB` : "",
  left: /** @param {string} time */ (time) => `${time} left`,
  loading: /** @param {string} name @param {string} time */ (name, time) =>
    [`Loading ${name}`, time || "a few seconds"].join(" · "),
  meanwhile: "The present network works until then",
  cancel: "Cancel",
  cancelTip: "Keep the present network",
  failed: /** @param {string} name @param {string} message */ (name, message) => `${name} was not loaded: ${message}`,
  again: "Choose again",
  againTip: "Open the list of networks",
  dismiss: text.dismiss,
  expects: "Input range ",
  guessed: "(guessed)",
  rangeTip: "The pixel values that the network was trained on, for black and white. With other values, it does not see what it was trained to see",
  ranges: /** @type {Record<string, string>} */ ({
    "-1 to 1": "−1 to 1",
    caffe: "BGR minus mean (Caffe)",
    torch: "mean and deviation (PyTorch)",
  }),
  otherRange: "another range",
  ready: /** @param {string} name */ (name) => `${name} is ready`,
};

/** @param {number} bytes */
function megabytes(bytes) {
  const value = bytes / 1e6;
  return value < 100 ? value.toFixed(1) : String(Math.round(value));
}
