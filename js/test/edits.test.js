import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError } from "../src/core/wire/commands.js";
import { createEdit } from "../src/core/input/edits.js";
import { createClock, settled } from "./clock.js";

function setUp() {
  const clock = createClock();
  const applied = [];
  const shown = [];
  const edit = createEdit({
    clock,
    apply: (value) => new Promise((resolve, reject) => applied.push({ value, resolve, reject })),
    onChange: ({ value, pending, problem }) => shown.push([value, pending, problem?.message ?? null]),
  });
  const values = () => applied.map(({ value }) => value);
  return { clock, edit, applied, values, shown };
}

test("a burst of edits sends only the last, 100 ms later", async () => {
  const { clock, edit, values } = setUp();
  for (const value of [1, 2, 3]) {
    edit.set(value);
    await clock.turn(60);
  }
  assert.deepEqual(values(), []);
  await clock.turn(40);
  assert.deepEqual(values(), [3]);
});

test("one edit is in flight at a time, and the last one is always sent", async () => {
  const { clock, edit, applied, values } = setUp();
  edit.set(1, { now: true });
  edit.set(2);
  await clock.turn(500);
  edit.set(3);
  await clock.turn(500);
  assert.deepEqual(values(), [1]);
  applied[0].resolve();
  await settled();
  assert.deepEqual(values(), [1, 3]);
  assert.equal(edit.state.pending, true);
  applied[1].resolve();
  await settled();
  assert.equal(edit.state.pending, false);
});

test("the edit is shown until Python's value arrives", async () => {
  const { edit, applied, shown } = setUp();
  edit.set(5, { now: true });
  applied[0].resolve();
  await settled();
  edit.arrived();
  assert.deepEqual(shown, [
    [5, true, null],
    [5, false, null],
    [undefined, false, null],
  ]);
});

test("Python's value may arrive before the reply, and is shown with the reply", async () => {
  const { edit, applied } = setUp();
  edit.set("mixed4a:30", { now: true });
  edit.arrived();
  assert.equal(edit.state.value, "mixed4a:30");
  applied[0].resolve();
  await settled();
  assert.deepEqual({ ...edit.state }, { value: undefined, pending: false, problem: null });
});

test("an accepted edit without effect is replaced by Python's value after a delay", async () => {
  const { clock, edit, applied } = setUp();
  edit.set(5, { now: true });
  applied[0].resolve();
  await clock.turn(299);
  assert.equal(edit.state.value, 5);
  await clock.turn(1);
  assert.equal(edit.state.value, undefined);
});

test("a refused edit reverts with a reason, which the next edit clears", async () => {
  const { edit, applied } = setUp();
  edit.set(600, { now: true });
  applied[0].reject(new CommandError({ message: "Only 0 to 511." }));
  await settled();
  assert.deepEqual({ ...edit.state }, { value: undefined, pending: false, problem: { message: "Only 0 to 511." } });
  edit.set(511);
  assert.equal(edit.state.problem, null);
});

test("the refusal of an outdated edit is not shown", async () => {
  const { edit, applied, values } = setUp();
  edit.set(600, { now: true });
  edit.set(30, { now: true });
  applied[0].reject(new CommandError({ message: "Only 0 to 511." }));
  await settled();
  assert.deepEqual(values(), [600, 30]);
  assert.equal(edit.state.problem, null);
  assert.equal(edit.state.value, 30);
});

test("a waiting edit is sent when its view is removed", async () => {
  const { clock, edit, values, shown } = setUp();
  edit.set(9);
  const before = shown.length;
  edit.dispose();
  await clock.turn(1000);
  assert.deepEqual(values(), [9]);
  assert.equal(shown.length, before);
});
