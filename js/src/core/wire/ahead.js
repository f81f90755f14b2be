/** Units that are kept: the one that is shown, its neighbors, and some that were shown before. */
const MOST = 8;

/**
 * Units that the page has asked for before the user does, so that they appear without a round trip.
 *
 * @param {(layer: string, channel: number) => Promise<{value: any, buffers: Uint8Array[]}>} ask
 */
export function createAhead(ask) {
  /** @type {Map<string, Record<string, any> | null>} traits by unit, the oldest first; null while Python has not answered */
  const units = new Map();

  /** @param {string} layer @param {number} channel */
  async function fetch(layer, channel) {
    const name = `${layer}:${channel}`;
    if (units.has(name)) return;
    units.set(name, null);
    const oldest = units.keys().next().value;
    if (units.size > MOST && oldest !== undefined) units.delete(oldest);
    try {
      const { value, buffers } = await ask(layer, channel);
      const files = value.files.map((/** @type {string} */ each, /** @type {number} */ index) => [each, buffers[index]]);
      if (units.has(name)) units.set(name, { ...value.traits, ...Object.fromEntries(files) });
    } catch {
      units.delete(name); // a unit that Python does not have, or an index that is gone
    }
  }

  /** Of which network and images the units are. */
  let source = "";

  return {
    /**
     * Asks for the units next to the one that is shown.
     * @param {string} layer @param {number} channel
     * @param {number} count number of channels of the layer
     * @param {string} [of] the network and the images; units of others are forgotten
     */
    look(layer, channel, count, of = "") {
      if (of !== source) units.clear();
      source = of;
      if (channel + 1 < count) fetch(layer, channel + 1);
      if (channel > 0) fetch(layer, channel - 1);
    },

    /** @param {string} layer @param {unknown} channel @returns {Record<string, any> | null} the traits of a unit */
    of: (layer, channel) => units.get(`${layer}:${channel}`) ?? null,
  };
}
