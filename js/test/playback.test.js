import assert from "node:assert/strict";
import { test } from "node:test";
import { advance, LONGEST_TICK, momentAt, period, positionOf, startAt, stepFrom, ticksEvery } from "../src/core/run/playback.js";

/** Frames at whole positions. */
const frames = (count, mode, length) => Array.from({ length }, (_, position) => momentAt(position, count, mode).frame);

test("a period contains all frames, or both directions with each end once", () => {
  assert.equal(period(4, "loop"), 4);
  assert.equal(period(4, "once"), 4);
  assert.equal(period(4, "alternate"), 6);
  assert.equal(period(2, "alternate"), 2);
  assert.equal(period(1, "alternate"), 1);
});

test("each mode has its order of frames", () => {
  assert.deepEqual(frames(4, "loop", 9), [0, 1, 2, 3, 0, 1, 2, 3, 0]);
  assert.deepEqual(frames(4, "alternate", 9), [0, 1, 2, 3, 2, 1, 0, 1, 2]);
  assert.deepEqual(frames(4, "once", 6), [0, 1, 2, 3, 3, 3]);
  assert.deepEqual(frames(2, "alternate", 4), [0, 1, 0, 1]);
  assert.deepEqual(frames(1, "loop", 3), [0, 0, 0]);
  assert.deepEqual(frames(1, "alternate", 3), [0, 0, 0]);
  assert.equal(momentAt(-1, 4, "loop").frame, 3);
});

test("between two frames, the next frame has a share", () => {
  assert.deepEqual(momentAt(1.25, 4, "loop"), { frame: 1, next: 2, fraction: 0.25 });
  assert.deepEqual(momentAt(3.5, 4, "loop"), { frame: 3, next: 0, fraction: 0.5 });
  assert.deepEqual(momentAt(3.5, 4, "alternate"), { frame: 3, next: 2, fraction: 0.5 });
  assert.deepEqual(momentAt(5.5, 4, "alternate"), { frame: 1, next: 0, fraction: 0.5 });
  assert.deepEqual(momentAt(9.5, 4, "once"), { frame: 3, next: 3, fraction: 0 });
});

test("time accumulates, wraps around in loops, and ends in once mode", () => {
  assert.deepEqual(advance(0, 100, 20, 10, "loop"), { position: 2, over: false });
  assert.deepEqual(advance(9, 100, 20, 10, "loop"), { position: 1, over: false });
  assert.deepEqual(advance(17, 100, 20, 10, "alternate"), { position: 1, over: false });
  assert.deepEqual(advance(8.5, 100, 20, 10, "once"), { position: 9, over: true });
  assert.deepEqual(advance(0, 100, 20, 1, "once"), { position: 0, over: true });
  assert.deepEqual(advance(1, -5, 20, 10, "loop"), { position: 1, over: false });
});

test("playback continues after a long gap without jumping", () => {
  assert.equal(advance(0, 60_000, 20, 1000, "loop").position, (LONGEST_TICK * 20) / 1000);
});

test("at sixty frames per second each repaint shows the next frame despite jitter", () => {
  let position = startAt(0, 60);
  const shown = [momentAt(position, 60, "loop").frame];
  for (let tick = 0; tick < 240; tick++) {
    // 16.67 ms on average, up to 3 ms early or late
    const jitter = 3 * Math.sin(tick * 12.9898);
    const before = 3 * Math.sin((tick - 1) * 12.9898);
    ({ position } = advance(position, 1000 / 60 + jitter - before, 60, 60, "loop"));
    shown.push(momentAt(position, 60, "loop").frame);
  }
  for (let tick = 1; tick < shown.length; tick++) assert.equal(shown[tick], (shown[tick - 1] + 1) % 60, `tick ${tick}`);
});

test("a slow animation shows the first frame for nearly its full duration", () => {
  assert.equal(startAt(3, 60), 3.48);
  assert.equal(startAt(3, 1), 3.008);
  assert.equal(startAt(3, 120), 3.5);
});

test("selecting a frame on the way back stays on the way back", () => {
  assert.equal(positionOf(2, 4, "alternate", 1), 2);
  assert.equal(positionOf(2, 4, "alternate", 4.5), 4);
  assert.equal(positionOf(1, 4, "alternate", 5.5), 5);
  assert.equal(positionOf(3, 4, "alternate", 5.5), 3);
  assert.equal(positionOf(0, 4, "alternate", 5.5), 0);
  assert.equal(positionOf(2, 4, "loop", 3.5), 2);
});

test("arrow keys wrap around in a loop and stop at the ends in other modes", () => {
  assert.equal(stepFrom(3, 1, 4, "loop"), 0);
  assert.equal(stepFrom(0, -1, 4, "loop"), 3);
  assert.equal(stepFrom(3, 1, 4, "once"), 3);
  assert.equal(stepFrom(0, -1, 4, "alternate"), 0);
  assert.equal(stepFrom(1, 1, 4, "alternate"), 2);
});

test("ticks mark every frame if there is room, or else every nth frame", () => {
  assert.equal(ticksEvery(6, 300), 1);
  assert.equal(ticksEvery(60, 300), 1);
  assert.equal(ticksEvery(500, 300), 10);
  assert.equal(ticksEvery(500, 500), 5);
  assert.equal(ticksEvery(1, 300), 1);
});
