/** Text of the classes that the network sees in an image. */
export const classesText = {
  title: "Top classes",
  tip: "What the network sees in the image, as it is shown and without random transforms. Fold to switch off",
  pressTip: /** @param {string} label */ (label) => `Visualize ${label}: make this class the objective`,
  none: "Not computed yet",
  impossible: "The network cannot compute its classes at this image size.",
  meanOf: /** @param {number} count */ (count) => `mean of ${count}`,
  percent: /** @param {number} percent */ (percent) => `${percent} %`,
};
