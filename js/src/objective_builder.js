import { text } from "./core/text/builder.js";
import { createCodeArea } from "./views/objective/code_area.js";
import { createErrorCard } from "./views/controls/error_card.js";
import { text as common } from "./core/text/common.js";
import { createPatience } from "./views/controls/busy_notice.js";
import { createTerms, TERM_TRAITS } from "./views/objective/term_list.js";
import { h, setText } from "./views/base/dom.js";
import { defineWidget } from "./widget.js";
import "./styles/base/theme.css";
import "./styles/base/controls.css";
import "./styles/base/code.css";
import "./styles/model/layers.css";
import "./styles/model/channel.css";
import "./styles/objective/term_list.css";
import "./styles/objective/term_fields.css";
import "./styles/objective/term_menu.css";
import "./styles/objective/builder.css";

/** An objective, term by term and as code. The twin of `objective_builder.py`. */
export default defineWidget({
  traits: [...TERM_TRAITS, "model_name", "expression", "batch"],
  streaming: false,
  view: (context) => {
    const title = h("strong", { class: "lucidw-title" });
    const terms = createTerms(context);
    const code = createCodeArea(context);
    const card = createErrorCard(context, { title: common.refusedTitle, dismiss: context.session.dismiss });
    const patience = createPatience(context);
    const el = h(
      "div",
      { class: "lucidw-builder" },
      h("div", { class: "lucidw-builder-head" }, title, h("span", { class: "lucidw-subtitle" }, text.title)),
      code.el,
      card.el,
      terms.el,
      patience.el,
    );
    return {
      el,

      /** @param {Record<string, any>} state */
      label: (state) => text.builder(state.model_name ?? ""),

      /** @param {Record<string, any>} state */
      update(state) {
        setText(title, state.model_name ?? "");
        card.show(context.session.refusal);
        for (const view of [patience, terms, code]) view.update(state);
      },
    };
  },
});
