import { text } from "./core/strings_objective_builder.js";
import { createCodeArea } from "./views/code_area.js";
import { createErrorCard } from "./views/error_card.js";
import { text as common } from "./core/strings.js";
import { createTerms, TERM_TRAITS } from "./views/terms.js";
import { h, setText } from "./views/dom.js";
import { defineWidget } from "./widget.js";
import "./styles/theme.css";
import "./styles/controls.css";
import "./styles/code.css";
import "./styles/layers.css";
import "./styles/channel.css";
import "./styles/builder.css";

/** An objective, term by term and as code. The twin of `objective_builder.py`. */
export default defineWidget({
  traits: [...TERM_TRAITS, "model_name", "expression", "batch"],
  view: (context) => {
    const title = h("strong", { class: "lucidw-title" });
    const terms = createTerms(context);
    const code = createCodeArea(context);
    const card = createErrorCard(context, { title: common.refusedTitle, dismiss: context.session.dismiss });
    const patience = h("p", { class: "lucidw-patience", role: "status", "data-lucidw": "patience", hidden: true });
    const el = h(
      "div",
      { class: "lucidw-builder" },
      h("div", { class: "lucidw-builder-head" }, title, h("span", { class: "lucidw-subtitle" }, text.title), patience),
      code.el,
      card.el,
      terms.el,
    );
    return {
      el,

      /** @param {Record<string, any>} state */
      update(state) {
        setText(title, state.model_name ?? "");
        context.root.setAttribute("aria-label", text.builder(state.model_name ?? ""));
        const { patience: waiting, refusal } = context.session;
        patience.hidden = waiting === "ok";
        setText(patience, waiting === "ok" ? "" : waiting === "busy" ? common.busy : common.silent);
        card.show(refusal);
        terms.update(state);
        code.update(state);
      },
    };
  },
});
