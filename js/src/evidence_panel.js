import { evidenceText } from "./core/text/evidence.js";
import { text } from "./core/text/common.js";
import { createBusyNotice } from "./views/controls/busy_notice.js";
import { createErrorCard } from "./views/controls/error_card.js";
import { createChoice } from "./views/controls/choice.js";
import { createChannelPicker } from "./views/model/channel_picker.js";
import { createEvidenceBody, EVIDENCE_TRAITS } from "./views/evidence/evidence_body.js";
import { createSensitivity } from "./views/evidence/sensitivity.js";
import { createTrust } from "./views/evidence/trust.js";
import { h, setText } from "./views/base/dom.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/panel.css";
import "./styles/base/segmented.css";
import "./styles/base/run_controls.css";
import "./styles/model/channel.css";
import "./styles/evidence/evidence.css";
import "./styles/evidence/trust.css";

/** The real images that excite a unit. Front end of `EvidencePanel` in Python. */
export default defineWidget({
  traits: [...EVIDENCE_TRAITS, "model_name", "layer", "channel", "_channel_count", "indexed"],
  streaming: false,
  view(context) {
    const title = h("strong", { class: "lucidw-title" });
    const layer = createChoice(context, { name: "layer", label: evidenceText.layer, tip: evidenceText.layer });
    const channel = createChannelPicker(context);
    const body = createEvidenceBody(context);
    const sensitivity = createSensitivity(context);
    const trust = createTrust(context);
    const card = createErrorCard(context, { title: text.refusedTitle, dismiss: context.session.dismiss });
    const busyNotice = createBusyNotice(context);
    const unit = h("div", { class: "lucidw-panel-unit" }, h("div", {}, h("div", { class: "lucidw-heading" }, evidenceText.layer), layer.el), channel.el);
    const el = h("div", { class: "lucidw-panel" }, h("div", { class: "lucidw-panel-head" }, title, unit), card.el, body.el, sensitivity.el, trust.el, busyNotice.el);
    /** @type {unknown} */
    let offered = null;
    return {
      el,

      /** @param {WidgetState} state */
      label: (state) => evidenceText.panel(`${state.layer}:${state.channel}`),

      /** @param {WidgetState} state */
      update(state) {
        setText(title, `${state.model_name} · ${state.layer}:${state.channel}`);
        if (offered !== state.indexed) {
          layer.offer((state.indexed ?? []).map(({ name }) => [name, name]));
          offered = state.indexed;
        }
        layer.show(state.layer);
        card.show(context.session.refusal);
        for (const view of [busyNotice, channel, body, sensitivity]) view.update(state);
        trust.show(state.report ?? {});
      },
    };
  },
});
