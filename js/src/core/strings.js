/** Every word the person sees, in one place, so that it can be reworded and translated as a whole. */
export const text = {
  nothing: "–",

  group: /** @param {string} name */ (name) => (name ? `Feature visualization of ${name}` : "Feature visualization"),
  picture: /** @param {string} what @param {number} step */ (what, step) =>
    what ? `Visualization of ${what} after ${step} steps` : `Visualization after ${step} steps`,

  buttons: { run: "Run", pause: "Pause", resume: "Resume", step: "Step", stop: "Stop", reset: "Reset", save: "Save" },
  runAgain: "Run again",
  tips: {
    run: "Start the optimization (Space)",
    pause: "Pause the optimization (Space)",
    resume: "Go on from here (Space)",
    step: "Advance by one step (.)",
    stop: "End this run, keeping its picture",
    reset: "Back to the first, random image",
    save: "Save the picture as a lossless PNG (s)",
  },

  status: /** @type {Record<string, string>} */ ({
    idle: "Ready",
    queued: "Waiting",
    compiling: "Compiling",
    running: "Running",
    paused: "Paused",
    done: "Finished",
    stopped: "Stopped",
    error: "Failed",
  }),
  announce: /** @param {string} status @param {number} step @param {number} total */ (status, step, total) =>
    ({
      idle: "Ready to run",
      queued: "Waiting for another run to end",
      compiling: "Compiling",
      running: total > 0 ? `Running, ${total} steps` : "Running",
      paused: `Paused at step ${step}`,
      done: `Finished after ${step} steps`,
      stopped: `Stopped at step ${step}`,
      error: "The run failed",
    })[status] ?? status,
  percent: /** @param {number} percent */ (percent) => `${percent} percent done`,
  progress: "Progress",
  progressValue: /** @param {string} step @param {string} total */ (step, total) =>
    total ? `step ${step} of ${total}` : `step ${step}`,
  progressCount: /** @param {string} step @param {string} total */ (step, total) => (total ? `${step} / ${total}` : `step ${step}`),

  empty: { title: "Nothing here yet", hint: "Press Run and watch a picture take shape." },
  emptyFor: /** @param {string} layer @param {number} channel */ (layer, channel) =>
    `Press Run and watch what excites channel ${channel} of ${layer}.`,
  compiling: { title: "Compiling", hint: "The first step of a new objective or size takes a few seconds." },
  queued: { title: "Waiting", hint: "Another run is using the machine. This one starts when it ends." },
  preparing: { title: "Starting", hint: "The first picture is on its way." },

  busy: "Kernel busy: another cell is running. The command runs as soon as it is free.",
  silent: "No answer from the kernel. If it was restarted, run the cell again.",

  objective: "objective",
  speed: "speed",
  left: "left",
  rate: /** @param {string} rate */ (rate) => `${rate} steps/s`,
  seconds: /** @param {number} s */ (s) => `${s} s`,
  minutes: /** @param {number} m @param {number} s */ (m, s) => (s ? `${m} min ${s} s` : `${m} min`),
  hours: /** @param {number} h @param {number} m */ (h, m) => (m ? `${h} h ${m} min` : `${h} h`),
  curve: /** @param {string} min @param {string} max @param {string} last */ (min, max, last) =>
    `Objective over the run, from ${min} to ${max}, now ${last}`,
  noCurve: "Objective over the run, nothing to show yet",

  film: "The run so far",
  filmMoment: /** @param {number} step @param {number | null} objective */ (step, objective) =>
    objective === null ? `Step ${step}` : `Step ${step}, objective ${objective.toPrecision(4)}`,
  filmNewest: "Newest",
  filmNewestTip: "Back to the newest picture (Escape)",
  heldAt: /** @param {string} step */ (step) => `step ${step}`,

  layer: "Layer",
  searchLayers: /** @param {number} count */ (count) => `Search ${count} ${count === 1 ? "layer" : "layers"}`,
  searchTip: "Find a layer; Enter takes the first, arrow down goes to the list",
  layersTip: "Arrow keys move, Enter chooses",
  layerTip: /** @param {string} name @param {string} kind @param {number} percent */ (name, kind, percent) =>
    `${name}${kind ? `, ${kind}` : ""}: ${percent} % of the network's work is done here`,
  noLayers: "No layer fits.",
  found: /** @param {number} count */ (count) => `${count} ${count === 1 ? "layer" : "layers"} found`,
  customExpression: "custom expression",
  channelsUnit: " channels",

  channel: "Channel",
  channelTip: /** @param {string} last */ (last) => (last ? `0 to ${last}; arrow keys step by one` : "Arrow keys step by one"),
  ofChannels: /** @param {string} count */ (count) => `of ${count}`,
  inExpression: "in the expression",
  fewer: "Previous channel (arrow down)",
  more: "Next channel (arrow up)",
  notWhole: "A whole number, please.",
  outOfRange: /** @param {string} min @param {string} max */ (min, max) => `From ${min} to ${max}, please.`,

  expression: "Objective to maximize",
  expressionTip: /** @param {string} expression */ (expression) =>
    `${expression}\n${text.expressionHelp}`.trim(),
  expressionHelp: 'layer:channel or an expression, such as channel("mixed4a", 30) - 0.5*channel("mixed4b", 7). Enter applies, Escape reverts',
  expressionPlaceholder: "layer:channel",
  apply: "Enter applies",

  image: "Image",
  run: "Run",
  size: "size",
  sizeTip: /** @param {string} min @param {string} max */ (min, max) => `Side of the picture in pixels, ${min} to ${max}`,
  batch: "batch",
  batchTip: "How many pictures are made at once",
  steps: "steps",
  stepsTip: "How many steps a run takes; may change while it runs",
  seed: "seed",
  seedTip: "The same seed gives the same picture again",
  pixels: /** @param {string} size */ (size) => `${size} px`,
  pixelsOf: /** @param {string} width @param {string} height */ (width, height) => `${width} × ${height} px`,
  many: /** @param {number} count @param {string} what */ (count, what) => `${count} × ${what}`,
  imageSummary: /** @param {string} size @param {number} batch */ (size, batch) => (batch > 1 ? `${batch} × ${size} px` : `${size} px`),
  runSummary: /** @param {string} steps @param {string} seed */ (steps, seed) => `${steps} steps, seed ${seed}`,
  pixelated: "Show whole pixels",

  saved: /** @param {string} name */ (name) => `Saved ${name}.`,
  savedOpen: "Show it here",
  saveHere: "This page may not download files. Save the picture from its own menu.",
  openedTip: "Right-click or long-press the picture to save or copy it. Escape closes.",
  close: "Close",

  failedTitle: "The run failed",
  refusedTitle: "That was not done",
  errorUnknown: "Python gave no reason.",
  details: "Details",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Select the text and copy it",
  copyTip: "Copy the message with its details",
  tryAgain: "Try again",
  tryAgainTip: "Start the run again",
  dismiss: "Dismiss",
  brokenPage: "This widget could not be drawn",
  brokenPageHint: "Run the cell again. If that does not help, please report it with the details below.",
};
