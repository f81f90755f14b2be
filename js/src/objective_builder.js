import { text } from "./core/strings_objective_builder.js";
import { createCodeArea } from "./views/code_area.js";
import { createErrorCard } from "./views/error_card.js";
import { text as common } from "./core/strings.js";
import { createPatience } from "./views/patience.js";
import { createTerms, TERM_TRAITS } from "./views/terms.js";
import { h, setText } from "./views/dom.js";
import { defineWidget } from "./widget.js";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/code.css";
import "./styles/layers.css";
import "./styles/channel.css";
import "./styles/terms.css";
import "./styles/builder.css";

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
