/**
 * Which frame is shown when. A position counts frames from the start of a period and grows with time; nothing here knows
 * a clock or a page.
 *
 * @typedef {"once" | "loop" | "alternate"} Mode
 * @typedef {{frame: number, next: number, fraction: number}} Moment what to draw: `frame`, and over it `next` at this share
 */

/** @type {Mode[]} */
export const MODES = ["once", "loop", "alternate"];

/** After a gap longer than this (a hidden tab, a busy page) the animation goes on where it was, instead of jumping. */
export const LONGEST_TICK = 250;

/** How far into the first frame's time playing starts, in milliseconds: half of what a screen shows a picture for. */
const HEAD_START = 8;

/**
 * Frames until everything repeats. Alternate goes there and back and shows the ends once.
 * @param {number} count @param {Mode} mode
 */
export function period(count, mode) {
  return mode === "alternate" ? Math.max(1, 2 * count - 2) : count;
}

/**
 * What is shown at a position, between two frames too.
 * @param {number} position @param {number} count @param {Mode} mode
 * @returns {Moment}
 */
export function momentAt(position, count, mode) {
  if (mode === "once") {
    const held = Math.min(Math.max(position, 0), count - 1);
    const frame = Math.floor(held);
    return { frame, next: Math.min(frame + 1, count - 1), fraction: held - frame };
  }
  const length = period(count, mode);
  const wrapped = ((position % length) + length) % length;
  const place = Math.floor(wrapped);
  const fold = (/** @type {number} */ at) => (at < count ? at : length - at);
  return { frame: fold(place), next: fold((place + 1) % length), fraction: wrapped - place };
}

/**
 * The position after `milliseconds` more, and whether the animation is over with it.
 * @param {number} position @param {number} milliseconds @param {number} fps @param {number} count @param {Mode} mode
 */
export function advance(position, milliseconds, fps, count, mode) {
  const moved = position + (Math.min(Math.max(milliseconds, 0), LONGEST_TICK) * fps) / 1000;
  if (mode === "once") {
    const last = count - 1;
    return moved >= last ? { position: last, over: true } : { position: moved, over: false };
  }
  return { position: moved % period(count, mode), over: false };
}

/**
 * Where playing starts at a frame. Not at its very edge: the times between two repaints vary a little, and where a frame
 * is to last one repaint, those that come early or late by less than half of one would show it twice or not at all.
 * @param {number} frame @param {number} fps
 */
export function startAt(frame, fps) {
  return frame + Math.min(0.5, (HEAD_START * fps) / 1000);
}

/**
 * The position of a frame that somebody chose. Where the animation is on its way back it stays on it.
 * @param {number} frame @param {number} count @param {Mode} mode @param {number} [position] where it was
 */
export function positionOf(frame, count, mode, position = 0) {
  const length = period(count, mode);
  const back = mode === "alternate" && position % length > count - 1 && frame > 0 && frame < count - 1;
  return back ? length - frame : frame;
}

/**
 * The frame one step further, as the arrow keys go: around the ends, but where the animation plays only once.
 * @param {number} frame @param {1 | -1} direction @param {number} count @param {Mode} mode
 */
export function stepFrom(frame, direction, count, mode) {
  const to = frame + direction;
  return mode === "loop" ? (to + count) % count : Math.min(Math.max(to, 0), count - 1);
}

/**
 * Which frames get a tick on a scrubber: all where there is room for them, else every so many, evenly.
 * @param {number} count @param {number} room in pixels @param {number} [apart] pixels between two at least
 * @returns {number} 1 for all
 */
export function ticksEvery(count, room, apart = 5) {
  const most = Math.max(1, Math.floor(room / apart));
  if (count - 1 <= most) return 1;
  const least = Math.ceil((count - 1) / most);
  const unit = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * unit).find((every) => every >= least) ?? least;
}
