import assert from "node:assert/strict";
import { test } from "node:test";
import { createPagePace, EACH, FEW } from "../src/core/wire/page_pace.js";
import { createStream } from "../src/core/wire/stream.js";
import { createSharedCanvas } from "../src/views/canvas/shared_canvas.js";
import { createClock, settled } from "./clock.js";

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

/** The widgets of a page, of which the first `moving` show a moving run. */
function createPage(count, moving = count) {
  const clock = createClock();
  const page = {};
  const paces = Array.from({ length: count }, () => createPagePace(clock, page));
  paces.slice(0, moving).forEach((pace) => pace.setMoving(true));
  return { clock, paces };
}

test("few runs show everything at once", () => {
  const { paces } = createPage(12, FEW);
  assert.deepEqual(paces.map((pace) => pace.wait()), Array(12).fill(0));
});

test("many runs wait for the next multiple of one interval, whenever they ask", async () => {
  const { clock, paces } = createPage(12);
  assert.equal(paces[0].wait(), 12 * EACH);
  await clock.turn(70);
  assert.equal(paces[0].wait(), 12 * EACH - 70);
  assert.equal(paces[11].wait(), 12 * EACH - 70);
  await clock.turn(12 * EACH);
  assert.equal(paces[5].wait(), 12 * EACH - 70);
  assert.equal(paces[5].wait(1), 24 * EACH - 70);
});

test("runs that end make the others faster", () => {
  const { paces } = createPage(6);
  assert.equal(paces[5].wait(), 6 * EACH);
  paces[0].setMoving(false);
  assert.equal(paces[5].wait(), 5 * EACH);
  paces[0].setMoving(false);
  paces[1].setMoving(false);
  assert.equal(paces[5].wait(), 0);
});

test("other pages do not count", () => {
  createPage(12);
  assert.equal(createPage(1).paces[0].wait(), 0);
});

/** A shared canvas whose images take no time to decode, and the frames in which it is drawn. */
function createCanvas(delay) {
  const clock = createClock();
  const frames = [];
  const drawn = [];
  const context = { drawImage: ({ id }) => drawn.push(id), clearRect() {} };
  globalThis.document = { createElement: () => ({ width: 0, height: 0, getContext: () => context }) };
  globalThis.createImageBitmap = async (blob) => ({ id: Number(await blob.text()), width: 1, height: 1, close() {} });
  globalThis.requestAnimationFrame = (callback) => frames.push(callback);
  globalThis.cancelAnimationFrame = () => frames.splice(0);
  let answers = 0;
  const canvas = createSharedCanvas({ clock, wait: () => delay, onDrawn: () => (answers += 1) });
  const push = async (id) => {
    canvas.push({ mime: "text/plain" }, new TextEncoder().encode(String(id)));
    for (let turn = 0; turn < 4; turn += 1) await settled();
  };
  return { canvas, clock, frames, drawn, push, answers: () => answers };
}

test("an image waits for its moment, and only the newest is drawn", async () => {
  const { clock, frames, drawn, push, answers } = createCanvas(300);
  await push(1);
  await clock.turn(299);
  assert.equal(frames.length, 0);
  await push(2);
  await clock.turn(1);
  assert.equal(frames.length, 1);
  frames.pop()();
  assert.deepEqual(drawn, [2]);
  assert.equal(answers(), 1);
});

test("without waiting, an image is drawn in the next animation frame", async () => {
  const { clock, frames, push } = createCanvas(0);
  await push(1);
  assert.equal(frames.length, 1);
  assert.equal(clock.waiting, 0);
});

test("a disposed canvas waits for nothing", async () => {
  const { canvas, clock, frames, push } = createCanvas(300);
  await push(1);
  canvas.dispose();
  await clock.turn(300);
  assert.deepEqual([clock.waiting, frames.length], [0, 0]);
});
