import { evidenceText } from "../../core/text/evidence.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";

/**
 * "Color or shape?": how much of the unit's answer remains when its top images are changed.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createSensitivity(context) {
  const { session } = context;
  const head = h("span", { class: "lucidw-heading" }, evidenceText.sensitivity);
  const measure = createButton(context, { name: "measure-sensitivity", label: evidenceText.measure, tip: evidenceText.measureTip, press: () => session.perform("measure_sensitivity") });
  const words = h("p", { class: "lucidw-sensitivity-words", role: "status", "data-lucidw": "sensitivity" });
  const list = h("dl", { class: "lucidw-sensitivity-rows", "aria-label": evidenceText.remains });
  const el = h("div", { class: "lucidw-sensitivity" }, h("div", { class: "lucidw-evidence-waiting" }, head, measure.el), words, list);
  /** @type {unknown} */
  let drawn = null;

  /** @param {Record<string, number>} shares */
  function rows(shares) {
    return evidenceText.changes.flatMap(([name, label, tip]) => {
      const share = shares[name];
      if (share === undefined) return [];
      const bar = h("span", { class: "lucidw-sensitivity-bar", "aria-hidden": "true" });
      bar.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
      return [h("div", { class: "lucidw-bar-row", title: tip }, h("dt", {}, label), h("dd", {}, h("span", { class: "lucidw-sensitivity-track" }, bar), h("span", {}, `${Math.round(100 * Math.max(0, share))} %`)))];
    });
  }

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const unit = state._evidence?.unit;
      const found = state._sensitivity ?? {};
      const own = unit && found.unit === unit ? found : {};
      // Python says "none" where it cannot measure: `EvidencePanel` needs no network.
      el.hidden = !unit || found.state === "none";
      const ready = own.state === "ready";
      measure.el.hidden = own.state === "running" || ready;
      const failed = own.state === "failed";
      setText(
        words,
        ready ? own.words.replaceAll(" %", "\u00a0%") : own.state === "running" ? evidenceText.measuring : failed ? [evidenceText.measureFailed, own.message, own.hint].filter(Boolean).join(" ") : evidenceText.measureAbout,
      );
      words.classList.toggle("lucidw-evidence-message", !ready);
      list.hidden = !ready;
      if (drawn !== own.shares) list.replaceChildren(...rows(own.shares ?? {}));
      drawn = own.shares;
    },
  };
}
