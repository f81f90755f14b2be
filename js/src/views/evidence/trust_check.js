import { evidenceText } from "../../core/text/evidence.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";
import { createTrust } from "./trust.js";

/**
 * "Can I trust this?" in the workbench: a button that runs the check, its progress, and the report.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createTrustCheck(context) {
  const { session } = context;
  const trust = createTrust(context);
  const check = createButton(context, { name: "check-unit", label: evidenceText.check, tip: evidenceText.checkTip, press: () => session.perform("check_unit") });
  const cancel = createButton(context, { name: "check-cancel", label: evidenceText.cancel, tip: evidenceText.checkCancelTip, press: () => session.perform("cancel_check") });
  const words = h("p", { class: "lucidw-evidence-message", role: "status", "data-lucidw": "check-message" });
  const head = h("span", { class: "lucidw-heading" }, evidenceText.trust);
  const el = h("div", { class: "lucidw-trust-check" }, trust.el, h("div", { class: "lucidw-evidence-waiting" }, head, check.el, cancel.el, words));

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const unit = state._evidence?.unit;
      el.hidden = !unit;
      const about = state._check ?? {};
      const running = about.state === "running";
      const report = (unit && state.report?.unit === unit && state.report) || {};
      check.el.hidden = running;
      cancel.el.hidden = !running;
      head.hidden = Boolean(report.verdict);
      setText(check.caption, report.verdict ? evidenceText.checkAgain : evidenceText.check);
      const failed = about.state === "failed" && about.unit === unit;
      setText(
        words,
        running
          ? evidenceText.checking(about.part, about.done, about.total)
          : failed
            ? [evidenceText.checkFailed, about.message, about.hint].filter(Boolean).join(" ")
            : report.verdict
              ? ""
              : evidenceText.checkAbout,
      );
      trust.show(report);
    },
  };
}
