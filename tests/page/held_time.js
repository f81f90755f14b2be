/*
 * The bundle's time, which stands still until a test calls `pass`: its timers, its `performance.now` and, if a test sets
 * `heldFrames`, its animation frames. Those of other scripts, such as the browser's remote control, are real. Calls of the
 * bundle are recognized by their call site.
 */
{
  const ours = () => /notebook\.test\/\w+\.js/.test(new Error().stack);
  const real = {
    now: performance.now.bind(performance),
    setTimeout: window.setTimeout.bind(window),
    clearTimeout: window.clearTimeout.bind(window),
    requestAnimationFrame: window.requestAnimationFrame.bind(window),
    cancelAnimationFrame: window.cancelAnimationFrame.bind(window),
  };
  /** Milliseconds between two animation frames. */
  const FRAME = 10;
  let now = real.now();
  let last = 1e9; // far above the browser's own numbers
  const pending = new Map();
  const hold = (at, call) => {
    last += 1;
    pending.set(last, { at, call });
    return last;
  };
  performance.now = () => (ours() ? now : real.now());
  window.setTimeout = (callback, delay = 0, ...args) =>
    ours() ? hold(now + delay, () => callback(...args)) : real.setTimeout(callback, delay, ...args);
  window.clearTimeout = (id) => void (pending.delete(id) || real.clearTimeout(id));
  window.requestAnimationFrame = (callback) =>
    window.heldFrames && ours() ? hold(now + FRAME, () => callback(now)) : real.requestAnimationFrame(callback);
  window.cancelAnimationFrame = (id) => void (pending.delete(id) || real.cancelAnimationFrame(id));

  /** Let time pass, and call `look` after everything that happens meanwhile. */
  window.pass = (milliseconds, look = () => {}) => {
    const end = now + milliseconds;
    for (;;) {
      const due = [...pending].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (due.length === 0) break;
      const [id, { at, call }] = due[0];
      pending.delete(id);
      now = Math.max(now, at);
      call();
      look();
    }
    now = end;
  };
}
