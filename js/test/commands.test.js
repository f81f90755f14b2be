import assert from "node:assert/strict";
import { test } from "node:test";
import { createAhead } from "../src/core/wire/ahead.js";
import { CommandError, createCommands } from "../src/core/wire/commands.js";
import { createClock } from "./clock.js";

function setUp() {
  const clock = createClock();
  const sent = [];
  const moods = [];
  const commands = createCommands({
    client: "me",
    clock,
    send: (message) => sent.push(message),
    onKernelState: (kernelState) => moods.push([clock.now(), kernelState]),
  });
  return { clock, commands, sent, moods };
}

test("a command carries its name, its arguments and a unique id", () => {
  const { commands, sent } = setUp();
  commands.run("step", { n: 1 });
  commands.run("pause");
  assert.deepEqual(sent, [
    { type: "cmd", rid: "me-1", name: "step", args: { n: 1 } },
    { type: "cmd", rid: "me-2", name: "pause", args: {} },
  ]);
});

test("each reply reaches the command it answers, in any order", async () => {
  const { commands } = setUp();
  const first = commands.run("a");
  const second = commands.run("png");
  commands.settle({ rid: "other-1", ok: true, value: "somebody else's" }, []);
  commands.settle({ rid: "me-2", ok: true, value: 2 }, [new Uint8Array([9])]);
  commands.settle({ rid: "me-1", ok: true, value: 1 }, []);
  assert.deepEqual(await first, { value: 1, buffers: [] });
  assert.deepEqual(await second, { value: 2, buffers: [new Uint8Array([9])] });
});

test("a refusal carries the problem that Python reported", async () => {
  const { commands } = setUp();
  const refused = commands.run("set", { layer: "mixed4" });
  const problem = { title: "Unknown layer", message: "No layer 'mixed4'.", hint: "Did you mean 'mixed4a'?" };
  commands.settle({ rid: "me-1", ok: false, error: problem }, []);
  await assert.rejects(refused, (error) => error instanceof CommandError && error.problem === problem);
});

test("the kernel is busy after 1.5 s, silent after 10 s, and ok with the reply", async () => {
  const { clock, commands, moods } = setUp();
  const reply = commands.run("pause");
  await clock.turn(15_000);
  commands.settle({ rid: "me-1", ok: true }, []);
  await reply;
  assert.deepEqual(moods, [
    [1500, "busy"],
    [10_000, "silent"],
    [15_000, "ok"],
  ]);
  assert.equal(clock.waiting, 0);
});

test("a quick reply causes no notice", async () => {
  const { clock, commands, moods } = setUp();
  commands.run("pause");
  await clock.turn(1499);
  commands.settle({ rid: "me-1", ok: true }, []);
  await clock.turn(20_000);
  assert.deepEqual(moods, []);
});

test("arriving images keep a busy kernel from being reported as silent", async () => {
  const { clock, commands, moods } = setUp();
  commands.run("pause");
  for (let second = 0; second < 30; second++) {
    await clock.turn(1000);
    commands.alive();
  }
  assert.deepEqual(moods, [[1500, "busy"]]);
  await clock.turn(10_000);
  assert.deepEqual(moods.at(-1), [40_000, "silent"]);
  commands.alive();
  assert.deepEqual(moods.at(-1), [40_000, "busy"]);
});

test("the oldest unanswered command decides the kernel state", async () => {
  const { clock, commands, moods } = setUp();
  commands.run("a");
  await clock.turn(1000);
  commands.run("b");
  await clock.turn(500);
  assert.deepEqual(moods, [[1500, "busy"]]);
  commands.settle({ rid: "me-1", ok: true }, []);
  assert.deepEqual(moods.at(-1), [1500, "ok"]);
  await clock.turn(1000);
  assert.deepEqual(moods.at(-1), [2500, "busy"]);
});

test("a page that watches a run notices a silent kernel by itself, and recovers by itself", async () => {
  const { clock, commands, sent, moods } = setUp();
  commands.watch(true);
  await clock.turn(3000);
  commands.alive();
  await clock.turn(12_000);
  assert.equal(sent[0]?.type, "ping");
  assert.deepEqual(moods.map(([, mood]) => mood), ["silent"]);
  assert.ok(moods[0][0] <= 15_000, String(moods[0][0]));
  const asked = sent.length;
  await clock.turn(4000);
  assert.ok(sent.length > asked, "it goes on asking");
  commands.alive();
  assert.deepEqual(moods.map(([, mood]) => mood), ["silent", "ok"]);
  commands.watch(false);
  assert.equal(clock.waiting, 0);
});

test("a kernel that answers, is known to be busy, or is not watched is not silent", async () => {
  for (const kind of ["answers", "busy", "idle"]) {
    const { clock, commands, moods } = setUp();
    if (kind !== "idle") commands.watch(true, () => kind === "busy");
    for (let second = 0; second < 30; second += 1) {
      await clock.turn(1000);
      if (kind === "answers" && second % 5 === 0) commands.alive();
    }
    assert.deepEqual(moods, [], kind);
    commands.dispose();
  }
});

test("the late answer of a quiet command is not reported", async () => {
  const { clock, commands, moods } = setUp();
  const answer = commands.run("real_images", {}, { quiet: true });
  await clock.turn(60_000);
  assert.deepEqual(moods, []);
  commands.settle({ rid: "me-1", ok: true, value: 1 }, []);
  assert.deepEqual(await answer, { value: 1, buffers: [] });
});

function setUpAhead() {
  const asked = [];
  const ahead = createAhead((layer, channel) => {
    const name = `${layer}:${channel}`;
    asked.push(name);
    if (layer === "gone") return Promise.reject(new Error("There is no such layer."));
    return Promise.resolve({ value: { traits: { name }, files: ["crops"] }, buffers: [new Uint8Array([channel])] });
  });
  /** Answers arrive in later microtasks. */
  const answers = () => new Promise((done) => setImmediate(done));
  return { ahead, asked: () => asked.splice(0), answers };
}

test("a page asks ahead for both neighbors once, and not beyond the ends of a layer", async () => {
  const { ahead, asked, answers } = setUpAhead();
  ahead.look("a", 3, 5);
  ahead.look("a", 3, 5);
  assert.deepEqual(asked(), ["a:4", "a:2"]);
  assert.equal(ahead.of("a", 4), null);
  await answers();
  assert.deepEqual(ahead.of("a", 4), { name: "a:4", crops: new Uint8Array([4]) });
  ahead.look("a", 4, 5);
  ahead.look("a", 0, 1);
  assert.deepEqual(asked(), ["a:3"]);
});

test("a page keeps the newest eight units, and asks again for what it has dropped or was refused", async () => {
  const { ahead, asked, answers } = setUpAhead();
  for (let channel = 0; channel < 9; channel += 1) ahead.look("a", channel, 100);
  await answers();
  assert.equal(ahead.of("a", 1), null);
  assert.notEqual(ahead.of("a", 9), null);
  ahead.look("gone", 0, 2);
  await answers();
  asked();
  ahead.look("gone", 0, 2);
  ahead.look("a", 0, 2);
  assert.deepEqual(asked(), ["gone:1", "a:1"]);
});

test("a page forgets the units of another network, also those whose answers are under way", async () => {
  const { ahead, asked, answers } = setUpAhead();
  ahead.look("a", 0, 2, "one");
  await answers();
  ahead.look("b", 0, 2, "one");
  ahead.look("c", 0, 2, "other");
  await answers();
  assert.deepEqual([ahead.of("a", 1), ahead.of("b", 1)], [null, null]);
  assert.deepEqual(asked(), ["a:1", "b:1", "c:1"]);
});
