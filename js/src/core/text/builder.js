/** Every word of the objective builder, in one place, so that it can be reworded and translated as a whole. */

/** @typedef {{name: string, about: string, fields?: Record<string, string>}} KindWords */

/**
 * What kinds of terms there are, in the order of the menu, in the words of who has never read the code.
 * @type {Array<{group: string, kinds: Record<string, KindWords>}>}
 */
export const KINDS = [
  {
    group: "What the network sees",
    kinds: {
      channel: { name: "Channel", about: "One feature, wherever it is in the picture." },
      neuron: { name: "Neuron", about: "One feature at one place, the middle unless you say otherwise." },
      class_logit: { name: "Class", about: "The score of one of the network's classes, such as panda." },
      deepdream: { name: "Whole layer (deep dream)", about: "Whatever excites a layer, all of its channels at once." },
      direction: { name: "Direction", about: "A mixture of a layer's channels, wherever it is in the picture." },
      direction_neuron: { name: "Direction at one place", about: "A mixture of a layer's channels, in the middle or where you say." },
      tensor_direction: { name: "Pattern of directions", about: "A patch of activations, in the middle. It comes from Python." },
    },
  },
  {
    group: "Several pictures at once",
    kinds: {
      channels: { name: "A channel for each picture", about: "Many features in one run, one in each picture of the batch." },
      channel_interpolate: { name: "From one channel to another", about: "The first picture shows the one, the last the other, those between a mixture." },
      alignment: { name: "Alike (alignment)", about: "Keeps neighbouring pictures of the batch alike." },
      diversity: { name: "Unlike (diversity)", about: "How alike the pictures' textures are: subtracted, it makes them differ." },
    },
  },
  {
    group: "What the picture should not be",
    kinds: {
      total_variation: { name: "Total variation", about: "How rough the picture is: subtracted, it becomes smooth." },
      L1: { name: "L1", about: "How far the picture is from a plain grey: subtracted, most of it stays grey." },
      L2: { name: "L2", about: "As L1, but large differences count most: subtracted, contrast becomes low." },
      blur_input_each_step: { name: "Blur penalty", about: "How much the picture changes when blurred: subtracted, fine detail fades." },
      blur_alpha_each_step: { name: "Blur penalty on alpha", about: "As the blur penalty, for how transparent the picture is." },
      penalize_boundary_complexity: { name: "Boundary penalty", about: "Keeps the picture's border plain and grey." },
      input_diff: { name: "Distance from a picture", about: "How far the picture is from another: subtracted, it stays near." },
    },
  },
  {
    group: "In code",
    kinds: { custom: { name: "Code", about: "A part of the objective in code, such as a product of two others." } },
  },
];

/** Of kinds that come up but are not offered. @type {Record<string, KindWords>} */
const OTHERS = { number: { name: "Number", about: "A plain number: it moves the objective's value and changes no picture." } };

/** Names of arguments as a person would say them. @type {Record<string, string>} */
const FIELDS = {
  layer: "layer",
  layer_name: "layer",
  layer1: "from layer",
  n_channel1: "channel",
  layer2: "to layer",
  n_channel2: "channel",
  n_channel: "channel",
  channel_n: "channel",
  n_channels: "channels",
  label: "class",
  vec: "direction",
  x: "row",
  y: "column",
  batch: "only picture",
  cossim_pow: "sharpness",
  decay_ratio: "fading",
  constant: "grey",
  C: "grey",
  epsilon: "epsilon",
  w: "border",
  mask: "mask",
  shp: "picture's shape",
  orig_img: "picture",
};

/** @type {Record<string, string>} */
const TIPS = {
  x: "Row of the unit, counted from 0 at the top; empty is the middle",
  y: "Column of the unit, counted from 0 at the left; empty is the middle",
  batch: "Only this picture of the batch, counted from 0; empty is all of them",
  cossim_pow: "0 asks for much of the direction; more also for little of anything else",
  decay_ratio: "How much less pictures count that are one place further apart",
  constant: "What nothing is lost at: 0 is black, 0.5 grey, 1 white",
  C: "What the border should be: 0 is black, 0.5 grey, 1 white",
  epsilon: "Added under the root, which has no slope at zero",
  w: "Width of the border in pixels",
  n_channels: "One channel for each picture of the batch, such as 3, 17, 42",
  vec: "Channels with weights, such as 30: 1, 60: -0.5; or a number for each channel",
  orig_img: "A JPEG, PNG or WebP; its middle is scaled to the picture's size",
};

/** @param {string} kind @returns {KindWords} */
export function wordsFor(kind) {
  const found = KINDS.map(({ kinds }) => kinds[kind]).find(Boolean) ?? OTHERS[kind];
  return found ?? { name: kind, about: "" };
}

export const text = {
  builder: /** @param {string} name */ (name) => (name ? `Objective for ${name}` : "Objective"),
  title: "Objective builder",
  terms: "Terms",
  add: "Add a term",
  addTip: "Another term, to be added or subtracted",
  editTerms: "Edit the terms",
  oneChannel: "One channel",
  oneChannelTip: "Back to the list of layers: what is chosen there takes the place of all terms",
  noTerms: "No terms yet. Add the first.",
  asCode: "As code",
  codeTip: "The same objective as code. Enter applies, Escape reverts",
  codeLabel: "The objective as code",
  codeIsFine: "Enter applies this",
  codeIsApplied: "In step with the terms",
  codeWaits: "Stays as it was until the marked term is finished, or switched off",

  kind: "kind",
  kindTip: "What this term is about",
  enabled: /** @param {string} name */ (name) => `${name}: counts`,
  enabledTip: "Whether this term counts",
  plus: "Added. Press to subtract it",
  minus: "Subtracted. Press to add it",
  weight: "Weight",
  weightTip: "How much this term counts; arrow keys go up and down",
  notNumber: "A number, please.",
  notPositive: "A number from 0 up, please; the sign is on its left.",
  openTerm: "Show what is in this term",
  up: "Move up",
  down: "Move down",
  duplicate: "Duplicate",
  remove: "Delete",
  removed: /** @param {string} name */ (name) => `${name} deleted`,
  moved: /** @param {number} place @param {number} count */ (place, count) => `Now term ${place} of ${count}`,
  added: /** @param {string} name */ (name) => `${name} added`,

  field: /** @param {string} name */ (name) => FIELDS[name] ?? name,
  fieldTip: /** @param {string} name */ (name) => TIPS[name] ?? "",
  imageItself: "the picture itself",
  chooseLayer: "choose a layer",
  layerTip: "Choose another layer",
  all: "all",
  middle: "middle",
  none: "none",
  slider: "Channel, by eye",
  ofChannels: /** @param {string} count */ (count) => `of ${count}`,
  notChannels: "Whole numbers with commas between, please, such as 3, 17, 42.",
  notVector: "Channels with weights, please, such as 30: 1, 60: -0.5.",
  needsChannels: "This layer's number of channels is not known: give a number for each channel.",
  outside: /** @param {number} channel @param {number} last */ (channel, last) => `Channel ${channel} is out of range: 0 to ${last}, please.`,
  random: "Random",
  randomTip: "Draw a direction at random",
  directionOf: /** @param {number} count */ (count) => `${count} numbers`,
  searchClasses: /** @param {number} count */ (count) => `Search ${count} classes`,
  classTip: "Type a part of the name; arrow keys move, Enter chooses",
  noClass: "No class fits.",
  classesFound: /** @param {number} count */ (count) => (count === 1 ? "1 class fits" : `${count} classes fit`),
  chooseFile: "Choose a picture…",
  dropFile: "or drop it here",
  sending: /** @param {number} percent */ (percent) => `Sending, ${percent} %`,
  fromPython: /** @param {string} size */ (size) => `array, ${size}`,
  onlyPython: "Set in Python",
  fixedCode: "A function in Python. It can be weighted and switched off here, not read.",
};
