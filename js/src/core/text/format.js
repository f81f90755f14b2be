import { text } from "./common.js";

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * @param {number} value
 * @param {Intl.NumberFormatOptions} options
 * @returns {string} with the separators of the browser's language and a true minus sign
 */
function number(value, options) {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(undefined, options)));
  return format.format(value).replaceAll("-", "−");
}

/**
 * An objective value with four significant digits, in scientific notation if it is huge or tiny.
 * @param {number | null | undefined} value
 */
export function formatObjective(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return text.nothing;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    return number(value, { notation: "scientific", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }
  if (size >= 10_000) return number(value, { maximumFractionDigits: 0 });
  // The number of decimals follows from the integer part, so that a growing number keeps its width.
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
}

/** @param {number | null | undefined} value a whole number; grouped from five digits on, as in 1024 and 10,240 */
export function formatCount(value) {
  if (value === null || value === undefined) return text.nothing;
  return number(value, { maximumFractionDigits: 0, useGrouping: "min2" });
}

/** @param {number | null | undefined} rate steps per second; 0 if unknown */
export function formatRate(rate) {
  if (!rate || !Number.isFinite(rate)) return text.nothing;
  const digits = rate >= 100 ? 0 : rate >= 1 ? 1 : 2;
  return text.rate(number(rate, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
}

/**
 * A duration of an estimate, rounded as far as one can trust it: "30 min", "1 h 10 min", "11 h".
 * @param {number} seconds
 */
export function formatRoughly(seconds) {
  const unit = seconds < 600 ? 60 : seconds < 7200 ? 300 : 3600;
  return formatDuration(unit * Math.max(1, Math.round(seconds / unit)));
}

/** @param {number | null | undefined} seconds */
export function formatDuration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return text.nothing;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return text.seconds(whole);
  if (whole < 3600) return text.minutes(Math.floor(whole / 60), whole % 60);
  return text.hours(Math.floor(whole / 3600), Math.floor((whole % 3600) / 60));
}

/** A figure of real images, in a few characters; empty if there is none. @param {number | null | undefined} figure @returns {string} */
export function formatFigure(figure) {
  if (figure === null || figure === undefined) return "";
  return Math.abs(figure) < 10 ? figure.toFixed(2) : formatObjective(figure);
}
