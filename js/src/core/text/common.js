import { counted } from "./plural.js";

/** Text that several widgets show. All visible text lives in this folder, so that it can be reworded or translated in one place. */
export const text = {
  nothing: "–",

  group: /** @param {string} name */ (name) => (name ? `Feature visualization of ${name}` : "Feature visualization"),
  imageLabel: /** @param {string} what @param {number} step */ (what, step) =>
    `Visualization${what ? ` of ${what}` : ""} after ${counted(step, "step")}`,

  buttons: { run: "Run", pause: "Pause", resume: "Resume", dice: "New seed", step: "Step", stop: "Stop", reset: "Reset", save: "Save" },
  runAgain: "Run again",
  tips: {
    run: "Start optimizing the image (Space)",
    pause: "Pause the run (Space)",
    resume: "Continue the run (Space)",
    dice: "Run again from another random start, for a variation of the image (n)",
    step: "Advance one step: one update of the optimizer (.)",
    stop: "End the run and keep its image",
    reset: "Discard the run and go back to the initial image",
    save: "Save the image as a lossless PNG (s)",
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
      queued: "Waiting for another run to finish",
      compiling: "Compiling",
      running: total > 0 ? `Running, ${counted(total, "step")}` : "Running",
      paused: `Paused at step ${step}`,
      done: `Finished after ${counted(step, "step")}`,
      stopped: `Stopped at step ${step}`,
      error: "The run failed",
    })[status] ?? status,
  percent: /** @param {number} percent */ (percent) => `${percent} percent done`,
  progress: "Progress",
  progressValue: /** @param {string} step @param {string} total */ (step, total) =>
    total ? `step ${step} of ${total}` : `step ${step}`,
  progressCount: /** @param {string} step @param {string} total */ (step, total) => (total ? `${step} / ${total}` : `step ${step}`),

  now: "Now",
  steered: "steered",
  seedIs: /** @param {number} seed */ (seed) => `seed ${seed}`,
  storedIn: /** @param {string} name */ (name) => `stored in ${name}`,
  shows: /** @param {string} made */ (made) => `Shows ${made}`,
  pressFor: /** @param {string} button @param {string} wanted */ (button, wanted) => `press ${button} for ${wanted}`,
  pressToApply: /** @param {string} button */ (button) => `press ${button} to apply the new settings`,

  empty: { title: "No image yet", hint: "Press Run and watch the image take shape." },
  emptyFor: /** @param {string} layer @param {number} channel */ (layer, channel) =>
    `Press Run to see what activates channel ${channel} of ${layer}.`,
  compiling: { title: "Compiling", hint: "The first step of a new objective or image size takes a few seconds." },
  queued: { title: "Waiting", hint: "Another run is in progress. This one starts when it finishes." },
  preparing: { title: "Starting", hint: "The first image is on its way." },

  busy: "Waiting for the kernel. It runs the command as soon as it is free.",
  busyCell: "Another cell is running. The kernel runs the command as soon as it ends.",
  silent: "The kernel does not respond. If it was restarted, run the cell again.",

  objective: "objective",
  objectiveOf: /** @param {string} name */ (name) => `objective of ${name}`,
  speed: "speed",
  left: "time left",
  rate: /** @param {string} rate */ (rate) => `${rate} steps/s`,
  seconds: /** @param {number} s */ (s) => `${s} s`,
  minutes: /** @param {number} m @param {number} s */ (m, s) => (s ? `${m} min ${s} s` : `${m} min`),
  hours: /** @param {number} h @param {number} m */ (h, m) => (m ? `${h} h ${m} min` : `${h} h`),
  curve: /** @param {string} min @param {string} max @param {string} last */ (min, max, last) =>
    `Objective over the run: from ${min} to ${max}, now ${last}`,
  curveStep: /** @param {string} step */ (step) => `step ${step}`,
  curveAt: /** @param {string} step @param {string} value */ (step, value) => `step ${step}: ${value}`,
  log: "log",
  logTip: "Logarithmic scale for the objective",
  noCurve: "Objective over the run: no data yet",

  filmstrip: "History of this run",
  filmstripFrame: /** @param {number} step @param {number | null} objective */ (step, objective) =>
    objective === null ? `Step ${step}` : `Step ${step}, objective ${objective.toPrecision(4)}`,
  latest: "Latest",
  latestTip: "Back to the latest image (Escape)",
  pinnedAt: /** @param {string} step */ (step) => `step ${step}`,

  channel: "Channel",
  channelTip: /** @param {string} last */ (last) =>
    last ? `Channel to visualize, 0 to ${last}. Arrow keys change it by 1` : "Channel to visualize. Arrow keys change it by 1",
  ofChannels: /** @param {string} count */ (count) => `of ${count}`,
  inExpression: "set by the objective above",
  previousChannel: "Previous channel (Down arrow)",
  nextChannel: "Next channel (Up arrow)",
  clamped: /** @param {string} layer @param {number} wanted @param {number} last */ (layer, wanted, last) =>
    `${layer} has no channel ${wanted}. This is its last one, ${last}.`,
  notWhole: "Whole numbers only",
  outOfRange: /** @param {string} min @param {string} max */ (min, max) => `Must be ${min} to ${max}`,

  expression: "Objective to maximize",
  expressionTip: /** @param {string} expression */ (expression) => `${expression}\n${text.expressionHelp}`.trim(),
  expressionHelp:
    'Type layer:channel, or an expression such as channel("mixed4a", 30) - 0.5*channel("mixed4b", 7). Enter applies, Escape reverts',
  expressionPlaceholder: "layer:channel",
  apply: "Enter to apply",

  image: "Image",
  size: "size",
  sizeTip: /** @param {string} min @param {string} max */ (min, max) =>
    `Width and height of the image in pixels, ${min} to ${max}. Larger images show more copies of the feature`,
  batch: "batch",
  batchTip: "Number of images optimized together, each from its own random start",
  steps: "steps",
  stepsTip: "Number of steps in a run. More steps bring out more detail. You can change it during a run",
  seed: "seed",
  seedTip: "Number that determines all random choices. Another seed gives a variation of the image, the same seed gives the same image",
  pixels: /** @param {string} size */ (size) => `${size} px`,
  pixelsOf: /** @param {string} width @param {string} height */ (width, height) => `${width} × ${height} px`,
  many: /** @param {number} count @param {string} what */ (count, what) => `${count} × ${what}`,
  imageSummary: /** @param {string} size @param {number} batch */ (size, batch) => (batch > 1 ? `${batch} × ${size} px` : `${size} px`),
  pixelated: "Show sharp pixels instead of smoothing the image",

  saved: /** @param {string} name */ (name) => `Saved ${name}.`,
  savedOpen: "Show it here",
  saveHere: "This page blocks downloads. Save the image from its context menu instead.",
  openedTip: "Right-click or long-press the image to save or copy it. Escape closes.",
  close: "Close",

  failedTitle: "The run failed",
  refusedTitle: "Not applied",
  errorUnknown: "Python reported no reason.",
  details: "Details",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Select the text and copy it",
  copyTip: "Copy the message and its details",
  tryAgain: "Try again",
  tryAgainTip: "Start the run again",
  dismiss: "Dismiss",
  brokenPage: "This widget could not be displayed",
  brokenPageHint: "Run the cell again. If the problem persists, please report it with the details below.",
};
