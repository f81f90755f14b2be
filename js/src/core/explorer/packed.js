/**
 * Arrays [rows, columns, channels] as Python packs them: sums and scales of the channels, then small integers. The page finds
 * channels of a position and maps of a channel in them, so that hovering asks Python nothing.
 */

/** @typedef {{layer?: string, rows: number, columns: number, channels: number, bits: number, block: number}} PackedMeta */
/** @typedef {{unit: number, value: number}} Bar */
/** @typedef {NonNullable<ReturnType<typeof unpack>>} Packed */

/**
 * @param {PackedMeta | undefined} meta
 * @param {Uint8Array} bytes
 */
export function unpack(meta, bytes) {
  if (!meta?.channels) return null;
  const { rows, columns, channels, bits, block } = meta;
  const size = rows * columns * channels;
  if (bytes.length !== 8 * channels + (size * bits) / 8) return null;
  // A copy, because typed arrays need aligned offsets.
  const { buffer } = bytes.slice();
  const sums = new Float32Array(buffer, 0, channels);
  const scales = new Float32Array(buffer, 4 * channels, channels);
  const numbers = bits === 16 ? new Int16Array(buffer, 8 * channels, size) : new Int8Array(buffer, 8 * channels, size);
  return { rows, columns, channels, block, sums, scales, numbers };
}

/** The values of all channels at a position of the layer. @param {Packed} packed @param {number[]} position */
export function valuesAt(packed, [row = 0, column = 0]) {
  const { rows, columns, channels, block, scales, numbers } = packed;
  const place = Math.min(rows - 1, Math.floor(row / block)) * columns + Math.min(columns - 1, Math.floor(column / block));
  return Float32Array.from(scales, (scale, unit) => scale * /** @type {number} */ (numbers[place * channels + unit]));
}

/** The length of the activation vector of each position, relative to the largest. @param {Packed} packed */
export function magnitudes(packed) {
  const { rows, columns, channels, scales, numbers } = packed;
  const lengths = Float32Array.from({ length: rows * columns }, (_, place) => {
    let sum = 0;
    for (let unit = 0; unit < channels; unit += 1) sum += (/** @type {number} */ (scales[unit]) * /** @type {number} */ (numbers[place * channels + unit])) ** 2;
    return Math.sqrt(sum);
  });
  const most = Math.max(...lengths, 1e-12);
  return lengths.map((length) => length / most);
}

/** The values of one channel at all positions. @param {Packed} packed @param {number} unit */
export function mapOf(packed, unit) {
  const { rows, columns, channels, scales, numbers } = packed;
  const scale = scales[unit] ?? 0;
  return Float32Array.from({ length: rows * columns }, (_, place) => scale * (numbers[place * channels + unit] ?? 0));
}

/**
 * The largest positive values, in order.
 * @param {Float32Array} values
 * @param {number} most
 * @param {1 | -1} [sign] -1 for the most negative ones
 * @returns {Bar[]}
 */
export function largest(values, most, sign = 1) {
  const units = [...values.keys()].filter((unit) => sign * /** @type {number} */ (values[unit]) > 0);
  units.sort((a, b) => sign * (/** @type {number} */ (values[b]) - /** @type {number} */ (values[a])) || a - b);
  return units.slice(0, most).map((unit) => ({ unit, value: /** @type {number} */ (values[unit]) }));
}
