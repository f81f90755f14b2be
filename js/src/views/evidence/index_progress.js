import { formatCount, formatDuration } from "../../core/text/format.js";
import { evidenceText } from "../../core/text/evidence.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";
import { createTrack } from "../base/track.js";

const MOVING = new Set(["building", "waiting"]);
const HELD = new Set(["stopped", "failed", "paused"]);

/**
 * How the index of real images is made: progress with the time left, and buttons to pause, cancel and go on.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createIndexProgress(context) {
  const { session } = context;
  const message = h("p", { class: "lucidw-evidence-message", "data-lucidw": "evidence-message" });
  const track = createTrack(evidenceText.title);
  const pause = createButton(context, { name: "evidence-pause", label: evidenceText.pause, tip: evidenceText.pauseTip, press: () => session.perform("pause_evidence") });
  const cancel = createButton(context, { name: "evidence-cancel", label: evidenceText.cancel, tip: evidenceText.cancelTip, press: () => session.perform("cancel_evidence") });
  let paused = false;
  const again = createButton(context, {
    name: "evidence-again",
    label: evidenceText.goOn,
    tip: evidenceText.goOnTip,
    press: () => session.perform(paused ? "resume_evidence" : "retry_evidence"),
  });
  const el = h("div", { class: "lucidw-evidence-waiting" }, message, track.el, pause.el, cancel.el, again.el);

  return {
    el,

    /** @param {Record<string, any>} build `_evidence_build` @param {boolean} [quiet] whether to show nothing but a pass that is under way or held */
    show(build, quiet = false) {
      const moving = MOVING.has(build.state);
      el.hidden = quiet && !moving && !HELD.has(build.state);
      paused = build.state === "paused";
      const known = (build.state === "building" || paused) && build.total > 0;
      track.el.hidden = !moving && !paused;
      pause.el.hidden = build.state !== "building";
      cancel.el.hidden = build.state !== "building" && !paused;
      again.el.hidden = !HELD.has(build.state);
      setText(again.caption, build.state === "failed" ? evidenceText.again : evidenceText.goOn);
      setText(message, messageOf(build));
      track.show(build.done, known ? build.total : 0, moving && !known);
    },
  };
}

/** @param {Record<string, any>} build */
function messageOf(build) {
  const [done, total] = [formatCount(build.done ?? 0), formatCount(build.total ?? 0)];
  switch (build.state) {
    case "building":
      return [evidenceText.building(done, total, build.source), build.left ? evidenceText.left(formatDuration(build.left)) : ""].filter(Boolean).join(" · ");
    case "waiting":
      return evidenceText.waiting(build.source);
    case "paused":
      return evidenceText.paused(done, total);
    case "stopped":
      return evidenceText.stopped(done, total);
    case "failed":
      return [evidenceText.failed, build.message, build.hint].filter(Boolean).join(" ");
    case "no unit":
      return evidenceText.noUnit;
    case "none":
      return evidenceText.none;
    default:
      return "";
  }
}
