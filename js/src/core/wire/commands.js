/**
 * Commands to Python, each with an id, each answered by a reply with that id.
 *
 * A kernel that is busy with another cell answers late but surely, so a command never expires. What changes with time
 * is what the page says about it: nothing, then "busy", then, if Python gives no sign of life at all, "silent".
 */

export const BUSY_AFTER = 1500;
export const SILENT_AFTER = 10_000;

/** @typedef {"ok" | "busy" | "silent"} Patience */
/** @typedef {{title?: string, message: string, hint?: string, traceback?: string}} Problem */
/** @typedef {{value: any, buffers: Uint8Array<ArrayBuffer>[]}} Answer */

/** What Python said about a command that it would not carry out. */
export class CommandError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * @param {object} options
 * @param {string} options.client makes the ids of two pages differ: replies reach every page
 * @param {(message: object) => void} options.send
 * @param {import("./clock.js").Clock} options.clock
 * @param {(patience: Patience) => void} options.onPatience
 */
export function createCommands({ client, send, clock, onPatience }) {
  /** @type {Map<string, {sent: number, resolve: (answer: Answer) => void, reject: (error: Error) => void}>} */
  const pending = new Map();
  let count = 0;
  let lastSign = -Infinity;
  /** @type {Patience} */
  let patience = "ok";
  /** @type {unknown} */
  let timer = null;

  function judge() {
    clock.stop(timer);
    timer = null;
    const now = clock.now();
    const oldest = Math.min(...Array.from(pending.values(), (command) => command.sent));
    const waited = now - oldest;
    const quiet = now - Math.max(oldest, lastSign);
    /** @type {Patience} */
    let verdict = "ok";
    if (pending.size > 0) {
      if (waited >= BUSY_AFTER) verdict = quiet >= SILENT_AFTER ? "silent" : "busy";
      if (verdict !== "silent") {
        timer = clock.start(judge, verdict === "ok" ? BUSY_AFTER - waited : SILENT_AFTER - quiet);
      }
    }
    if (verdict !== patience) {
      patience = verdict;
      onPatience(patience);
    }
  }

  return {
    /**
     * @param {string} name
     * @param {object} [args]
     * @returns {Promise<Answer>} rejects with a CommandError when Python refuses
     */
    run(name, args = {}) {
      count += 1;
      const rid = `${client}-${count}`;
      return new Promise((resolve, reject) => {
        pending.set(rid, { sent: clock.now(), resolve, reject });
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

    /** Something came from Python: whatever else it is, it is not dead. */
    alive() {
      lastSign = clock.now();
      if (patience === "silent") judge();
    },

    get patience() {
      return patience;
    },

    dispose() {
      clock.stop(timer);
      pending.clear();
    },
  };
}
