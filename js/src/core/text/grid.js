/** What the feature grid says. */
export const text = {
  group: /** @param {string} name @param {string} layer */ (name, layer) => `What excites the channels of ${layer} in ${name}`,
  cells: /** @param {string} layer */ (layer) => `Channels of ${layer}`,
  cellsTip: "Arrow keys move, Enter opens",

  find: "Find a channel",
  findTip: /** @param {boolean} named */ (named) => (named ? "A number, or a part of a name; Enter opens the first" : "A number; Enter opens the first"),
  found: /** @param {number} count */ (count) => `${count} ${count === 1 ? "channel" : "channels"} found`,
  none: "No channel fits.",
  smaller: "Smaller pictures (−)",
  larger: "Larger pictures (+)",
  kind: "What is shown of a channel",
  kinds: /** @type {Record<string, string>} */ ({ channel: "Channel", neuron: "Neuron" }),
  kindTips: /** @type {Record<string, string>} */ ({
    channel: "What excites the channel everywhere",
    neuron: "What excites the one unit of it in the middle",
  }),

  name: /** @param {string} kind @param {number} unit @param {string} label */ (kind, unit, label) =>
    label ? `${label}, ${kind} ${unit}` : `${kind === "neuron" ? "Neuron" : "Channel"} ${unit}`,
  states: ["waiting", "being made", "", "failed"],
  openIt: "open below",

  of: /** @param {string} layer @param {number} unit */ (layer, unit) => `${layer} · ${unit}`,
  objective: "objective",
  stateTitles: ["Waiting for its turn", "Taking shape", "", "No picture"],
  open: "Open",
  openTip: "Watch it large, and change it (Enter)",
  opened: /** @param {string} what */ (what) => `${what} is open below.`,
  closeOpened: "Close it",
  closeOpenedTip: "Close the panel below, and free its memory",

  buttons: { run: "Make them", rest: "Make the rest", again: "Try again", all: "All made", pause: "Pause", resume: "Resume", stop: "Cancel" },
  tips: {
    run: "Make the pictures that are missing (Space)",
    all: "Nothing is left to do",
    again: "Try once more what failed (Space)",
    pause: "Pause (Space)",
    resume: "Go on (Space)",
    stop: "Cancel. What is made stays",
    save: "Save all as one sprite sheet, a lossless PNG (s)",
  },
  also: "Its geometry as JSON",
  alsoTip: "Save which picture is where in the sheet",
  progress: /** @param {string} made @param {string} total */ (made, total) => `${made} of ${total} pictures`,
  left: /** @param {string} duration */ (duration) => `${duration} left`,
  failed: /** @param {number} count */ (count) => `${count} failed`,
  announce: /** @param {string} status @param {number} made @param {number} total */ (status, made, total) =>
    ({
      idle: "Ready",
      queued: "Waiting for another run to end",
      compiling: "Compiling",
      running: `Making ${total - made} pictures`,
      paused: `Paused after ${made} of ${total} pictures`,
      done: `All ${total} pictures are there`,
      stopped: `Cancelled after ${made} of ${total} pictures`,
      error: "The run failed",
    })[status] ?? status,
  looking: "Looking for pictures from before, and compiling",
};
