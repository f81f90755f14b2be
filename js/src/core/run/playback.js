/**
 * Arithmetic of playback: which frame is shown at which position. A position counts frames from the start of a period and
 * grows with time. No clock and no DOM.
 *
 * @typedef {"once" | "loop" | "alternate"} Mode
 * @typedef {{frame: number, next: number, fraction: number}} Moment what to draw: `frame`, blended with `fraction` of `next`
 */

/** Longest time step in ms. After a longer gap (a hidden tab, a busy page) the animation continues instead of jumping. */
export const LONGEST_TICK = 250;

/** Offset in ms into the first frame at which playback starts: half a repaint at 60 Hz. */
const HEAD_START = 8;

/**
 * Number of frames after which playback repeats. Back and forth shows the first and last frame once.
 * @param {number} count @param {Mode} mode
 */
export function period(count, mode) {
  return mode === "alternate" ? Math.max(1, 2 * count - 2) : count;
}

/**
 * The frames to draw at a position, which may lie between two frames.
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
 * The position `milliseconds` later, and whether the animation has ended.
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
 * The position at which playback of a frame starts: slightly inside the frame. The time between repaints varies, and a
 * frame that lasts one repaint would be skipped or shown twice if it started exactly at a repaint.
 * @param {number} frame @param {number} fps
 */
export function startAt(frame, fps) {
  return frame + Math.min(0.5, (HEAD_START * fps) / 1000);
}

/**
 * The position of a frame that the user selected. An animation on its way back stays on its way back.
 * @param {number} frame @param {number} count @param {Mode} mode @param {number} [position] the position before
 */
export function positionOf(frame, count, mode, position = 0) {
  const length = period(count, mode);
  const back = mode === "alternate" && position % length > count - 1 && frame > 0 && frame < count - 1;
  return back ? length - frame : frame;
}

/**
 * The frame after an arrow key. It wraps around in a loop and stops at the ends in the other modes.
 * @param {number} frame @param {1 | -1} direction @param {number} count @param {Mode} mode
 */
export function stepFrom(frame, direction, count, mode) {
  const to = frame + direction;
  return mode === "loop" ? (to + count) % count : Math.min(Math.max(to, 0), count - 1);
}

/**
 * Distance in frames between the ticks of a scrubber: 1 if there is room, or else a round number.
 * @param {number} count @param {number} room width in pixels @param {number} [apart] smallest distance between two ticks, in pixels
 * @returns {number} 1 for a tick at every frame
 */
export function ticksEvery(count, room, apart = 5) {
  const most = Math.max(1, Math.floor(room / apart));
  if (count - 1 <= most) return 1;
  const least = Math.ceil((count - 1) / most);
  const unit = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * unit).find((every) => every >= least) ?? least;
}
