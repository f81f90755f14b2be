import { evidenceText } from "../../core/text/evidence.js";
import { h, setText } from "../base/dom.js";
import { createLabelField } from "../controls/label_field.js";

/**
 * The class by whose relevance the top images are ordered.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createRelevance(context) {
  const { session } = context;
  const field = createLabelField(context, {
    name: "relevant_to",
    part: "relevant_to",
    label: evidenceText.classLabel,
    apply: (value) => session.command("set", { relevant_to: String(value) }),
  });
  const words = h("p", { class: "lucidw-evidence-message", role: "status", "data-lucidw": "relevance" });
  const el = h("div", { class: "lucidw-relevance", hidden: true }, field.el, field.problem, words);
  let known = "";

  /** What Python measured for the unit and class that are shown. @param {WidgetState} state @returns {Record<string, any>} */
  function current(state) {
    const found = state._relevance ?? {};
    return found.to && found.to === state.relevant_to && found.unit === state._evidence?.unit ? found : {};
  }

  return {
    el,

    /** Back to the order of activation. */
    leave() {
      if (known) session.perform("set", { relevant_to: "" });
    },

    /** Whether a class was chosen since the last update. @param {WidgetState} state */
    isNew: (state) => Boolean(state.relevant_to) && state.relevant_to !== known,

    /** @param {WidgetState} state @returns {{place: number, value: number}[] | null} */
    order: (state) => current(state).order ?? null,

    /** @param {WidgetState} state @param {boolean} visible */
    update(state, visible) {
      known = state.relevant_to ?? "";
      el.hidden = !visible;
      if (!visible) return;
      field.show(known || null, state._labels ?? []);
      const found = current(state);
      const failed = found.state === "failed";
      setText(
        words,
        failed
          ? [evidenceText.orderFailed, found.message, found.hint].filter(Boolean).join(" ")
          : found.state === "ready"
            ? evidenceText.ordered(known)
            : found.state === "running"
              ? evidenceText.ordering
              : evidenceText.classAbout,
      );
    },
  };
}
