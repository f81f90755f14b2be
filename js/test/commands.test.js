import assert from "node:assert/strict";
import { test } from "node:test";
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
