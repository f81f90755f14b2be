/**
 * A value that the user edits and Python owns.
 *
 * Edits wait for a pause in typing. One edit is in flight at a time, and the last one is always sent. Until Python has
 * answered, the control shows the edit as pending. If Python refuses, the control reverts and shows the reason.
 */

export const EDIT_PAUSE = 100;
/** How long in ms to wait for Python's new value after its reply: the two are separate messages. */
export const SETTLE_WITHIN = 300;

/**
 * @template T
 * @typedef {object} Edit
 * @property {T | undefined} value the edit to show instead of Python's value, if any
 * @property {boolean} pending
 * @property {import("../wire/commands.js").Problem | null} problem why the last edit was refused
 */

/**
 * @template T
 * @param {object} options
 * @param {(value: T) => Promise<unknown>} options.apply sends the edit; rejects with a CommandError
 * @param {import("../wire/clock.js").Clock} options.clock
 * @param {(edit: Edit<T>) => void} options.onChange
 * @param {number} [options.pause] milliseconds to collect edits before sending
 */
export function createEdit({ apply, clock, onChange, pause = EDIT_PAUSE }) {
  /** @type {Edit<T>} */
  const edit = { value: undefined, pending: false, problem: null };
  let version = 0;
  let sent = 0;
  let busy = false;
  let answered = false;
  let disposed = false;
  /** @type {unknown} */
  let timer = null;
  /** @type {unknown} */
  let settling = null;

  function changed() {
    if (!disposed) onChange(edit);
  }

  async function flush() {
    clock.stop(timer);
    timer = null;
    if (busy || sent === version) return;
    busy = true;
    answered = false;
    sent = version;
    try {
      await apply(/** @type {T} */ (edit.value));
      if (sent === version) {
        if (answered) edit.value = undefined;
        else settling = clock.start(forget, SETTLE_WITHIN);
      }
    } catch (error) {
      if (sent === version) {
        edit.value = undefined;
        edit.problem = /** @type {any} */ (error).problem ?? { message: String(error) };
      }
    }
    busy = false;
    edit.pending = sent !== version;
    changed();
    if (edit.pending && !disposed) await flush();
  }

  function forget() {
    clock.stop(settling);
    settling = null;
    if (edit.value === undefined || edit.pending) return;
    edit.value = undefined;
    changed();
  }

  return {
    /**
     * @param {T} value
     * @param {{now?: boolean}} [options] now: send immediately (Enter, leaving the field)
     */
    set(value, { now = false } = {}) {
      version += 1;
      clock.stop(settling);
      settling = null;
      Object.assign(edit, { value, pending: true, problem: null });
      changed();
      clock.stop(timer);
      if (now) flush();
      else timer = clock.start(flush, pause);
    },

    /** Called when Python's value changed: it replaces the edit, now or when the pending reply arrives. */
    arrived() {
      answered = true;
      forget();
    },

    /** Removes the message about a refused edit. */
    clear() {
      if (!edit.problem) return;
      edit.problem = null;
      changed();
    },

    get state() {
      return edit;
    },

    dispose() {
      disposed = true;
      if (timer !== null) flush();
      clock.stop(settling);
    },
  };
}
