import { counted } from "./plural.js";

/** Text of the feature grid. */
export const gridText = {
  group: /** @param {string} name @param {string} layer */ (name, layer) => `What activates the channels of ${layer} in ${name}`,
  cells: /** @param {string} layer */ (layer) => `Channels of ${layer}`,
  cellsTip: /** @param {boolean} opens */ (opens) => (opens ? "Arrow keys move, Enter opens" : "Arrow keys move"),

  find: "Find a channel",
  findTip: /** @param {boolean} named @param {boolean} compares */ (named, compares) =>
    `${named ? "Number, part of a name" : "Channel number"}${compares ? ", or a comparison such as selectivity > 0.8" : ""}. Enter opens the first match`,
  noImages: /** @param {string} figure */ (figure) => `There are no real images, which tell the ${figure} of a channel.`,
  noFigure: /** @param {string} figure */ (figure) =>
    figure === "selectivity" ? "These images have no labels, so no channel has a selectivity." : `No channel has a ${figure}.`,
  noSuchLayer: "The real images were not looked at in this layer.",
  found: /** @param {number} count */ (count) => `${counted(count, "channel")} found`,
  none: "No matching channels",
  smaller: "Smaller images (−)",
  larger: "Larger images (+)",
  kind: "What to show for each channel",
  kinds: /** @type {Record<string, string>} */ ({ channel: "Channel", neuron: "Neuron" }),
  kindTips: /** @type {Record<string, string>} */ ({
    channel: "Show what activates the channel anywhere in the image",
    neuron: "Show what activates the channel's neuron at the center",
  }),

  variant: "Which stored image to show for each channel",
  elsewhere: /** @param {number} count */ (count) => `In other layers, ${counted(count, "channel")}:`,
  similar: "Similar images",
  alike: "Respond to the same images",
  alikeName: /** @param {string} what @param {string} correlation */ (what, correlation) => `${what}, correlation ${correlation}`,
  stored: /** @param {string} name */ (name) => `stored in ${name}`,
  storedSoFar: /** @param {string} done @param {string} total */ (done, total) => `${done} of ${total} in all layers`,

  side: "What the cells show",
  sides: /** @type {Record<string, string>} */ ({ visualization: "Visualizations", real: "Real images" }),
  sideTips: /** @type {Record<string, string>} */ ({
    visualization: "Show the visualization of every channel (Shift+R)",
    real: "Show the real images that excite each channel most (Shift+R)",
  }),
  sort: "Sort channels by",
  orders: /** @type {[string, string][]} */ ([
    ["channel", "By channel"],
    ["strength", "Strongest first"],
    ["selectivity", "Most selective first"],
    ["sparsity", "Sparsest first"],
  ]),
  orderTip: "Strongest: the largest activation in real images. Most selective: one label excites the channel more than the others. Sparsest: few images excite it",
  noOrder: "These images have no labels, so the channels keep their order.",
  hideDead: "Hide dead",
  hideDeadTip: "Leave out channels that no real image activates",
  dead: /** @param {number} count */ (count) => `${counted(count, "dead channel")}`,
  turn: /** @param {boolean} real */ (real) => (real ? "Show real images" : "Show visualization"),
  turnTip: "Turn this cell (r)",
  realSide: "real images",
  figures: /** @type {[string, string][]} */ ([
    ["strength", "highest"],
    ["sparsity", "sparsity"],
    ["selectivity", "selectivity"],
  ]),
  selectiveFor: "for",

  name: /** @param {string} kind @param {number} unit @param {string} label */ (kind, unit, label) =>
    label ? `${label}, ${kind} ${unit}` : `${kind === "neuron" ? "Neuron" : "Channel"} ${unit}`,
  // Contains the visible caption, which voice control needs.
  figured: /** @param {string} kind @param {number} unit @param {string} label @param {string} figure @param {string} name */ (kind, unit, label, figure, name) =>
    label ? `${label} · ${figure} ${name}, ${kind} ${unit}` : `${kind === "neuron" ? "Neuron" : "Channel"} ${unit} · ${figure} ${name}`,
  states: ["waiting", "unfinished", "", "failed"],
  openState: "open",

  of: /** @param {string} layer @param {number} unit */ (layer, unit) => `${layer} · ${unit}`,
  objective: "objective",
  stateTitles: ["Waiting", "Unfinished", "", "No image"],
  open: "Open",
  openTip: "Open this channel in a workbench, large and with all settings (Enter)",
  opened: /** @param {string} what */ (what) => `${what} is open.`,
  openedUnseen: /** @param {string} what */ (what) => `${what} is open. Your layout shows the grid alone: add grid.slot to it.`,
  closeOpened: "Close",
  closeOpenedTip: "Close the workbench of this channel and free its memory",

  buttons: { run: "Render all", rest: "Render the rest", again: "Try again", all: "All rendered", pause: "Pause", resume: "Resume", stop: "Cancel" },
  renderAll: /** @param {number} count @param {string} duration */ (count, duration) => `Render ${counted(count, "image")}, about ${duration.replaceAll(" ", "\u00a0")}`,
  asks: /** @param {number} made @param {number} count @param {string} duration */ (made, count, duration) =>
    `${counted(made, "image")} rendered. The other ${count} take about ${duration}.`,
  tips: {
    run: "Render the missing images (Space)",
    all: "Every image is rendered",
    again: "Render the failed images again (Space)",
    pause: "Pause rendering (Space)",
    resume: "Continue rendering (Space)",
    stop: "Cancel rendering and keep the finished images",
    save: "Save all images as one sprite sheet, a lossless PNG (s)",
  },
  alsoSave: "Save its layout as JSON",
  alsoSaveTip: "Save a JSON file that says where each image is in the sheet",
  progress: /** @param {string} made @param {string} total */ (made, total) => `${made} of ${total} images`,
  left: /** @param {string} duration */ (duration) => `${duration} left`,
  failed: /** @param {number} count */ (count) => `${count} failed`,
  announce: /** @param {string} status @param {number} made @param {number} total */ (status, made, total) =>
    ({
      idle: "Ready",
      queued: "Waiting for another run to finish",
      compiling: "Compiling",
      running: `Rendering ${counted(total - made, "image")}`,
      paused: `Paused after ${made} of ${counted(total, "image")}`,
      done: total === 1 ? "The image is rendered" : `All ${counted(total, "image")} are rendered`,
      stopped: `Canceled after ${made} of ${counted(total, "image")}`,
      error: "The run failed",
    })[status] ?? status,
  loading: "Loading cached images and compiling",
};
