import { builderText } from "./core/text/builder.js";
import { createCodeArea } from "./views/objective/code_area.js";
import { createErrorCard } from "./views/controls/error_card.js";
import { text } from "./core/text/common.js";
import { createBusyNotice } from "./views/controls/busy_notice.js";
import { createTermList, TERM_TRAITS } from "./views/objective/term_list.js";
import { h, setText } from "./views/base/dom.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/segmented.css";
import "./styles/base/code.css";
import "./styles/model/layers.css";
import "./styles/model/channel.css";
import "./styles/objective/term_list.css";
import "./styles/objective/term_fields.css";
import "./styles/objective/term_menu.css";
import "./styles/objective/builder.css";

/** An objective, as a list of terms and as code. Front end of `ObjectiveBuilder` in Python. */
export default defineWidget({
  traits: [...TERM_TRAITS, "model_name", "expression", "batch"],
  streaming: false,
  view: (context) => {
    const title = h("strong", { class: "lucidw-title" });
    const terms = createTermList(context);
    const code = createCodeArea(context);
    const card = createErrorCard(context, { title: text.refusedTitle, dismiss: context.session.dismiss });
    const busyNotice = createBusyNotice(context);
    const el = h(
      "div",
      { class: "lucidw-builder" },
      h("div", { class: "lucidw-builder-head" }, title, h("span", { class: "lucidw-subtitle" }, builderText.title)),
      code.el,
      card.el,
      terms.el,
      busyNotice.el,
    );
    return {
      el,

      /** @param {WidgetState} state */
      label: (state) => builderText.builder(state.model_name ?? ""),

      /** @param {WidgetState} state */
      update(state) {
        setText(title, state.model_name ?? "");
        card.show(context.session.refusal);
        for (const view of [busyNotice, terms, code]) view.update(state);
      },
    };
  },
});
