/** A clock that stands still until a test advances it, and then runs its timers in order. */
export function createClock() {
  let now = 0;
  let count = 0;
  /** @type {Map<number, {at: number, callback: () => void}>} */
  const timers = new Map();
  return {
    now: () => now,
    start(callback, delay) {
      count += 1;
      timers.set(count, { at: now + delay, callback });
      return count;
    },
    stop: (timer) => void timers.delete(timer),
    get waiting() {
      return timers.size;
    },
    /** Lets `duration` pass; promises settle between one timer and the next. */
    async turn(duration) {
      const end = now + duration;
      for (;;) {
        await settled();
        const [next] = [...timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (!next) break;
        timers.delete(next[0]);
        now = next[1].at;
        next[1].callback();
      }
      now = end;
      await settled();
    },
  };
}

/** Waits until the continuations of resolved promises have run. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}
