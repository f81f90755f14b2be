import { ACTIVE } from "../wire/stream.js";
import { text } from "../text/common.js";

/** @typedef {"idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error"} Status */

/**
 * Label of the primary button, and which of the other buttons are enabled.
 * @param {string} status
 * @param {number} step
 * @returns {{primary: "run" | "pause" | "resume", label: string, step: boolean, stop: boolean, reset: boolean}}
 */
export function transport(status, step) {
  const active = ACTIVE.has(status);
  const primary = active ? "pause" : status === "paused" ? "resume" : "run";
  const label = primary === "run" && status === "done" ? text.runAgain : text.buttons[primary];
  return { primary, label, step: !active, stop: active || status === "paused", reset: active || status !== "idle" || step > 0 };
}

/**
 * Sentence for screen readers after a change: a new status, or another quarter of the run. Finer progress is not announced,
 * because it would interrupt the user constantly.
 * @param {{status: string, step: number, total: number}} before
 * @param {{status: string, step: number, total: number}} now
 * @returns {string | null}
 */
export function announcement(before, now) {
  if (now.status !== before.status) return text.announce(now.status, now.step, now.total);
  if (now.status !== "running" || now.total <= 0 || now.total !== before.total) return null;
  const quarter = Math.floor((4 * now.step) / now.total);
  return quarter > Math.floor((4 * before.step) / now.total) && quarter < 4 ? text.percent(25 * quarter) : null;
}
