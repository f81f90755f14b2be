import { evidenceText } from "../../core/text/evidence.js";
import { h, setText } from "../base/dom.js";
import { createEvidenceBody } from "./evidence_body.js";
import { createSensitivity } from "./sensitivity.js";
import { createTrustCheck } from "./trust_check.js";

/**
 * The real images of the workbench's unit, in a group that folds. While it is folded, Python looks at none.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createRealImages(context) {
  const { session, on } = context;
  const body = createEvidenceBody(context, { own: true });
  const sensitivity = createSensitivity(context);
  const trust = createTrustCheck(context);
  const summary = h("span", { class: "lucidw-summary" });
  const el = h("details", { class: "lucidw-group lucidw-evidence-group", "data-lucidw": "group-evidence" }, h("summary", { title: evidenceText.tip }, h("span", {}, evidenceText.title), summary), body.el, sensitivity.el, trust.el);
  /** The user's choice, until Python has confirmed it. @type {boolean | null} */
  let chosen = null;
  let open = false;

  on(el, "toggle", () => {
    if (el.open === (chosen ?? open)) return;
    chosen = el.open;
    session.perform("set", { show_evidence: el.open });
    session.touch();
  });

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      if (chosen === Boolean(state.show_evidence)) chosen = null;
      open = Boolean(state.show_evidence);
      if (chosen === null) el.open = open;
      setText(summary, state._evidence_build?.source ?? "");
      if (!el.open) return;
      body.update(state);
      sensitivity.update(state);
      trust.update(state);
    },
  };
}
