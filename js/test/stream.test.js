import assert from "node:assert/strict";
import { test } from "node:test";
import { createStream } from "../src/core/wire/stream.js";
import { createClock } from "./clock.js";

const BYTES = new Uint8Array([1]);

function setUp() {
  const clock = createClock();
  const sent = [];
  const frames = [];
  const stream = createStream({
    client: "me",
    clock,
    send: (message) => sent.push(message),
    onFrame: (meta) => frames.push(meta.id),
  });
  /** What was sent since the last look. */
  const said = () => sent.splice(0).map(({ type, seen }) => (seen === undefined ? type : `${type} ${seen}`));
  return { clock, stream, frames, said };
}

test("requests images only when registered and visible", () => {
  const { stream, said } = setUp();
  stream.setVisible(true);
  assert.deepEqual(said(), []);
  stream.hello();
  assert.deepEqual(said(), ["hello", "want 0"]);
  stream.setVisible(true);
  assert.deepEqual(said(), []);
});

test("requests the next image once the last was drawn, naming it", () => {
  const { stream, frames, said } = setUp();
  stream.hello();
  stream.setVisible(true);
  said();
  assert.equal(stream.offer({ id: 41 }, BYTES), true);
  assert.deepEqual(said(), []);
  stream.drawn();
  assert.deepEqual(said(), ["want 41"]);
  assert.deepEqual(frames, [41]);
});

test("accepts only newer images, and the lossless version of the same id once", () => {
  const { stream, frames } = setUp();
  assert.equal(stream.offer({ id: 7, lossless: false }, BYTES), true);
  assert.equal(stream.offer({ id: 6, lossless: true }, BYTES), false);
  assert.equal(stream.offer({ id: 7, lossless: false }, BYTES), false);
  assert.equal(stream.offer({ id: 7, lossless: true }, BYTES), true);
  assert.equal(stream.offer({ id: 7, lossless: true }, BYTES), false);
  assert.equal(stream.offer({ id: 8, lossless: false }, new Uint8Array(0)), false);
  assert.deepEqual(frames, [7, 7]);
});

test("withdraws its request while hidden and repeats it on return", () => {
  const { stream, said } = setUp();
  stream.hello();
  stream.setVisible(true);
  said();
  stream.setVisible(false);
  assert.deepEqual(said(), ["hidden"]);
  stream.offer({ id: 3 }, BYTES);
  stream.drawn();
  assert.deepEqual(said(), []);
  stream.setVisible(true);
  assert.deepEqual(said(), ["want 3"]);
});

test("repeats a request that stays unanswered for two seconds of a run, and never without a run", async () => {
  const { clock, stream, said } = setUp();
  stream.hello();
  stream.setVisible(true);
  said();
  await clock.turn(60_000);
  assert.deepEqual(said(), []);
  stream.setStatus("running");
  assert.deepEqual(said(), ["want 0"]);
  await clock.turn(1999);
  assert.deepEqual(said(), []);
  await clock.turn(1);
  assert.deepEqual(said(), ["want 0"]);
  stream.setStatus("paused");
  await clock.turn(60_000);
  assert.deepEqual(said(), []);
  assert.equal(clock.waiting, 0);
});

test("polls every 100 ms during a run if Python cannot push", async () => {
  const { clock, stream, said } = setUp();
  stream.hello();
  stream.setVisible(true);
  stream.setStatus("running");
  said();
  stream.nothingNewer();
  await clock.turn(99);
  assert.deepEqual(said(), []);
  await clock.turn(1);
  assert.deepEqual(said(), ["want 0"]);
  stream.nothingNewer();
  stream.setStatus("done");
  await clock.turn(10_000);
  assert.deepEqual(said(), []);
});

test("says bye once, then nothing until it returns", async () => {
  const { clock, stream, said } = setUp();
  stream.hello();
  stream.setVisible(true);
  stream.setStatus("running");
  said();
  stream.bye();
  stream.bye();
  await clock.turn(10_000);
  assert.deepEqual(said(), ["bye"]);
  stream.hello();
  assert.deepEqual(said(), ["hello", "want 0"]);
});

test("leaves no timers behind", () => {
  const { clock, stream } = setUp();
  stream.hello();
  stream.setVisible(true);
  stream.setStatus("running");
  assert.equal(clock.waiting, 1);
  stream.dispose();
  assert.equal(clock.waiting, 0);
});
