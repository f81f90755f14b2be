/**
 * Commands to Python. Each has an id, and Python answers it with a reply that has the same id.
 *
 * A kernel that is busy with another cell answers late but reliably, so a command never expires. Only what the page reports
 * changes with time: nothing, then "busy", then "silent" if no message of any kind arrives from Python.
 *
 * While a run is shown as moving, the page also finds out by itself that the kernel is gone: it asks for a sign of life
 * whenever there was none for a while.
 */

export const BUSY_AFTER = 1500;
export const SILENT_AFTER = 10_000;
/** Time in ms without a message, during a run, after which the page asks for one. */
export const ASK_AFTER = 4000;

/** @typedef {"ok" | "busy" | "silent"} KernelState */
/** @typedef {{title?: string, message: string, hint?: string, traceback?: string}} Problem */
/** @typedef {{value: any, buffers: Uint8Array<ArrayBuffer>[]}} Answer */

/** A command that Python refused. */
export class CommandError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * @param {object} options
 * @param {string} options.client prefix of the command ids, since replies reach every page
 * @param {(message: object) => void} options.send
 * @param {import("./clock.js").Clock} options.clock
 * @param {(kernelState: KernelState) => void} options.onKernelState
 */
export function createCommands({ client, send, clock, onKernelState }) {
  /** @type {Map<string, {sent: number, quiet: boolean, resolve: (answer: Answer) => void, reject: (error: Error) => void}>} */
  const pending = new Map();
  let count = 0;
  let lastSign = -Infinity;
  /** @type {KernelState} */
  let kernelState = "ok";
  /** @type {unknown} */
  let timer = null;
  /** @type {unknown} */
  let askTimer = null;
  /** When the first question that is still unanswered was sent; null if there is none. @type {number | null} */
  let asked = null;
  /** @type {() => boolean} */
  let isExcused = () => false;

  function judge() {
    clock.stop(timer);
    timer = null;
    const now = clock.now();
    const awaited = [...pending.values()].filter((command) => !command.quiet);
    const oldest = Math.min(...awaited.map((command) => command.sent));
    const waited = now - oldest;
    const quiet = now - Math.max(oldest, lastSign);
    /** @type {KernelState} */
    let verdict = "ok";
    if (awaited.length > 0) {
      if (waited >= BUSY_AFTER) verdict = quiet >= SILENT_AFTER ? "silent" : "busy";
      if (verdict !== "silent") {
        timer = clock.start(judge, verdict === "ok" ? BUSY_AFTER - waited : SILENT_AFTER - quiet);
      }
    }
    if (asked !== null && now - asked >= SILENT_AFTER - ASK_AFTER && !isExcused()) verdict = "silent";
    if (verdict !== kernelState) {
      kernelState = verdict;
      onKernelState(kernelState);
    }
  }

  /** Asks for a sign of life if there was none for a while, and does so again until there is one. */
  function ask() {
    askTimer = clock.start(ask, ASK_AFTER / 2);
    if (asked === null && clock.now() - lastSign < ASK_AFTER) return;
    asked ??= clock.now();
    send({ type: "ping", client });
    judge();
  }

  return {
    /**
     * @param {string} name
     * @param {object} [args]
     * @param {{quiet?: boolean}} [options] `quiet`: whether nobody waits for the answer, so that a late one is not reported
     * @returns {Promise<Answer>} rejects with a CommandError when Python refuses
     */
    run(name, args = {}, { quiet = false } = {}) {
      count += 1;
      const rid = `${client}-${count}`;
      return new Promise((resolve, reject) => {
        pending.set(rid, { sent: clock.now(), quiet, resolve, reject });
        send({ type: "cmd", rid, name, args });
        judge();
      });
    },

    /**
     * @param {{rid: string, ok: boolean, error?: Problem, value?: any}} reply
     * @param {Uint8Array<ArrayBuffer>[]} buffers
     */
    settle(reply, buffers) {
      const command = pending.get(reply.rid);
      if (!command) return;
      pending.delete(reply.rid);
      judge();
      if (reply.ok) command.resolve({ value: reply.value, buffers });
      else command.reject(new CommandError(reply.error ?? { message: "" }));
    },

    /** Called for every message from Python, which proves that the kernel is running. */
    alive() {
      lastSign = clock.now();
      asked = null;
      if (kernelState === "silent") judge();
    },

    /**
     * Watches over the kernel, or stops doing so.
     * @param {boolean} wanted whether a view shows a run as moving
     * @param {() => boolean} [excused] whether the kernel is known to execute a cell, and may answer late
     */
    watch(wanted, excused = () => false) {
      if (wanted === (askTimer !== null)) return;
      isExcused = excused;
      clock.stop(askTimer);
      askTimer = null;
      asked = null;
      if (wanted) {
        lastSign = Math.max(lastSign, clock.now());
        askTimer = clock.start(ask, ASK_AFTER);
      } else judge();
    },

    get kernelState() {
      return kernelState;
    },

    dispose() {
      clock.stop(timer);
      clock.stop(askTimer);
      pending.clear();
    },
  };
}
