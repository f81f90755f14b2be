import { counted } from "./plural.js";

/** @typedef {{name: string, about: string, fields?: Record<string, string>}} KindWords */

/**
 * The kinds of terms that the builder offers, in the order of its menu.
 * @type {Array<{group: string, kinds: Record<string, KindWords>}>}
 */
export const KINDS = [
  {
    group: "Features of the network",
    kinds: {
      channel: { name: "Channel", about: "One feature, anywhere in the image." },
      neuron: { name: "Neuron", about: "One feature at one position, by default the center." },
      class_logit: { name: "Class", about: "The score of one of the network's classes, such as panda." },
      accentuate: { name: "Channel in a photo", about: "One feature, while the image stays like a photo that it started from." },
      token: { name: "Token", about: "One token of a transformer, such as its class token." },
      attention: { name: "Attention", about: "How much one token of a transformer reads from another, in one head." },
      voxel: { name: "Neuron in a volume", about: "One feature at one position of a network that takes volumes, by default the center." },
      deepdream: { name: "Whole layer (deep dream)", about: "Everything that a layer responds to, all of its channels at once." },
      direction: { name: "Direction", about: "A weighted mix of a layer's channels, anywhere in the image." },
      direction_neuron: { name: "Direction at one position", about: "A weighted mix of a layer's channels at one position, by default the center." },
      similarity: { name: "Similar direction", about: "How much the activations point along a mix of channels, whatever their strength." },
      text_direction: { name: "Text", about: "How well the image fits a text, in a network such as CLIP that knows both." },
      image_direction: { name: "Another image", about: "How similar the network finds the image to another one, in one layer." },
      facet: { name: "Facet of a channel", about: "One kind of what excites a channel: a direction in an earlier layer, added to it." },
      tensor_direction: { name: "Activation pattern", about: "A patch of activations at the center of a layer. It is set in Python." },
    },
  },
  {
    group: "Across the batch",
    kinds: {
      channels: { name: "One channel per image", about: "Several features in one run, one in each image of the batch." },
      channel_interpolate: { name: "From one channel to another", about: "The first image shows one channel, the last another, and those between show a blend." },
      alignment: { name: "Alignment", about: "Keeps neighboring images of the batch similar." },
      diversity: { name: "Diversity", about: "How similar the textures of the images are. Subtract it to make them differ." },
    },
  },
  {
    group: "Penalties on the image",
    kinds: {
      total_variation: { name: "Total variation", about: "How rough the image is. Subtract it to make the image smooth." },
      L1: { name: "L1", about: "How far the image is from plain gray. Subtract it to keep most of the image gray." },
      L2: { name: "L2", about: "Like L1, but large differences count most. Subtract it to lower the contrast." },
      blur_input_each_step: { name: "Blur penalty", about: "How much blurring would change the image. Subtract it to fade fine detail." },
      blur_alpha_each_step: { name: "Blur penalty on alpha", about: "Like the blur penalty, but for the transparency of the image." },
      penalize_boundary_complexity: { name: "Border penalty", about: "Keeps the border of the image plain and gray." },
      distribution_diff: { name: "Distance from real images", about: "How far activations are from those of real images, set in Python. Subtract it." },
      input_diff: { name: "Distance from an image", about: "How far the image is from another one. Subtract it to stay close." },
    },
  },
  {
    group: "Code",
    kinds: { custom: { name: "Code", about: "A part of the objective in code, such as a product of two terms." } },
  },
];

/** Kinds that occur in objectives but are not in the menu. @type {Record<string, KindWords>} */
const OTHERS = { number: { name: "Number", about: "A constant: it shifts the objective value and does not change the image." } };

/** Captions of the arguments. @type {Record<string, string>} */
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
  batch: "image",
  cossim_pow: "cosine power",
  decay_ratio: "decay",
  constant: "gray level",
  C: "gray level",
  epsilon: "epsilon",
  w: "border width",
  mask: "mask",
  shp: "image shape",
  orig_img: "image",
  images: "real images",
  text: "text",
  facet_layer: "facet in layer",
  channel: "channel",
  depth: "slice",
  row: "row",
  column: "column",
  kept_layer: "like the photo in",
  strength: "pull",
};

/** @type {Record<string, string>} */
const TIPS = {
  x: "Row of the unit, counted from 0 at the top. Leave empty for the center",
  y: "Column of the unit, counted from 0 at the left. Leave empty for the center",
  depth: "Slice of the layer, counted from 0. Leave empty for the middle",
  row: "Row of the unit, counted from 0 at the top. Leave empty for the center",
  column: "Column of the unit, counted from 0 at the left. Leave empty for the center",
  text: "What the image should fit, such as: a photo of a dog",
  batch: "Image of the batch that this term applies to, counted from 0. Leave empty for all images",
  cossim_pow: "At 0 the image maximizes the direction alone; higher values also suppress other activations",
  decay_ratio: "A pair of images counts this many times less for each further position between them in the batch",
  constant: "Brightness that is not penalized: 0 is black, 0.5 gray, 1 white",
  C: "Brightness that the border is pulled toward: 0 is black, 0.5 gray, 1 white",
  epsilon: "Small number added under the square root, to keep the gradient finite at zero",
  w: "Width of the border in pixels",
  n_channels: "One channel for each image of the batch, such as 3, 17, 42",
  vec: "Channels and weights, such as 30: 1, 60: -0.5, or one number per channel",
  kept_layer: "Early layers keep the details of the photo, late ones only its content",
  strength: "Pull toward the photo, relative to that of the channel: 0 is none, 1 is equal",
  orig_img: "A JPEG, PNG or WebP file. Its central square is scaled to the size of the image",
};

/** @param {string} kind @returns {KindWords} */
export function wordsFor(kind) {
  const found = KINDS.map(({ kinds }) => kinds[kind]).find(Boolean) ?? OTHERS[kind];
  return found ?? { name: kind, about: "" };
}

/** Text of the objective builder. */
export const builderText = {
  builder: /** @param {string} name */ (name) => (name ? `Objective for ${name}` : "Objective"),
  title: "Objective builder",
  terms: "Terms",
  add: "Add a term",
  addTip: "Add another term to the objective",
  editTerms: "Edit the terms",
  editTermsTip: "Show the terms of the objective: change, weight or remove them",
  oneChannel: "← Single channel",
  oneChannelTip: "Back to the list of layers. Selecting a layer there replaces all terms",
  noTerms: "No terms yet. Add the first one.",
  asCode: "Code",
  codeTip: "The same objective as code. Enter applies, Escape reverts",
  codeLabel: "Objective as code",
  codeIsFine: "Press Enter to apply",
  codeIsApplied: "Matches the terms",
  codeWaits: "Unchanged until you complete the marked term or switch it off",

  kind: "type of term",
  kindTip: "Choose another type of term",
  enabled: /** @param {string} name */ (name) => `${name}: include`,
  enabledTip: "Include this term in the objective",
  sign: "Sign",
  signs: /** @type {Record<string, string>} */ ({
    plus: "Add this term: the image shows more of it",
    minus: "Subtract this term: the image shows less of it",
  }),
  weight: "Weight",
  weightTip: "How strongly this term shapes the image. Arrow keys go through 1, 2, 5, 10",
  notNumber: "Numbers only",
  notPositive: "Must be 0 or more. Use + or − to set the sign.",
  openTerm: "Show the settings of this term",
  up: "Move up",
  down: "Move down",
  duplicate: "Duplicate",
  remove: "Delete",
  removed: /** @param {string} name */ (name) => `${name} deleted`,
  moved: /** @param {number} place @param {number} count */ (place, count) => `Now term ${place} of ${count}`,
  added: /** @param {string} name */ (name) => `${name} added`,

  field: /** @param {string} name */ (name) => FIELDS[name] ?? name,
  fieldTip: /** @param {string} name */ (name) => TIPS[name] ?? "",
  inputImage: "input image",
  chooseLayer: "choose a layer",
  layerTip: "Choose another layer",
  all: "all",
  center: "center",
  none: "none",
  slider: "Channel slider",
  ofChannels: /** @param {string} count */ (count) => `of ${count}`,
  notChannels: "Whole numbers separated by commas, such as 3, 17, 42",
  notVector: "Channels and weights, such as 30: 1, 60: -0.5",
  needsChannels: "The layer's number of channels is unknown. Enter one number per channel.",
  outside: /** @param {number} channel @param {number} last */ (channel, last) => `Channel ${channel} is out of range. Must be 0 to ${last}`,
  random: "Randomize",
  randomTip: "Draw a random direction",
  searchClasses: /** @param {number} count */ (count) => `Search ${counted(count, "class", "classes")}`,
  classTip: "Type part of a name. Arrow keys move, Enter selects",
  noClass: "No matching classes",
  classesFound: /** @param {number} count */ (count) => counted(count, "matching class", "matching classes"),
  chooseFile: "Choose an image …",
  dropFile: "or drop it here",
  sending: /** @param {number} percent */ (percent) => `Uploading, ${percent} %`,
  fromPython: /** @param {string} size */ (size) => `array, ${size}`,
  fixedCode: "A Python function. It can be weighted and switched off here, but not edited.",
};
