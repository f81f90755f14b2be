import { tokenize } from "../../core/objective/expression_tokens.js";
import { text } from "../../core/text/common.js";
import { createField } from "../controls/field.js";
import { h } from "../base/dom.js";

/**
 * Single-line editor for the objective. The input has transparent letters over a syntax-colored copy of the text.
 * @param {import("../../widget.js").Context} context
 */
export function createExpressionInput(context) {
  const { on, id } = context;
  const input = h("input", {
    type: "text",
    class: "lucidw-code-input",
    "data-lucidw": "expression",
    "aria-label": text.expression,
    placeholder: text.expressionPlaceholder,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    id: id("expression"),
  });
  const paint = h("pre", { class: "lucidw-code", "aria-hidden": "true" });
  const apply = h("span", { class: "lucidw-apply", hidden: true }, text.apply);
  const box = h("div", { class: "lucidw-expression-box" }, paint, input, apply);
  const field = createField(context, { name: "expression", control: input, show: settle, pause: 0, sticky: true });
  const el = h("div", { class: "lucidw-expression" }, box, field.problem);
  let value = "";
  let typing = false;

  function color() {
    paint.replaceChildren(
      ...tokenize(input.value).map(({ kind, text: piece }) => (kind === "plain" ? piece : h("span", { class: `lucidw-${kind}` }, piece))),
    );
    paint.scrollLeft = input.scrollLeft;
  }

  /** Shows a pending edit or Python's value, unless the user is typing. @param {string | undefined} edited */
  function settle(edited = value) {
    // A refused text stays in the field for correction. Escape restores the valid one.
    if (field.edit.state.problem) typing = true;
    apply.hidden = !typing;
    if (typing || input.value === edited) return;
    input.value = edited;
    color();
  }

  function commit() {
    if (!typing) return;
    typing = false;
    apply.hidden = true;
    if (input.value === value) field.edit.clear();
    else field.edit.set(input.value, { now: true });
  }

  function revert() {
    typing = false;
    field.edit.clear();
    settle(value);
  }

  on(input, "input", () => {
    typing = input.value !== value;
    apply.hidden = !typing;
    field.edit.clear();
    color();
  });
  on(input, "scroll", () => {
    paint.scrollLeft = input.scrollLeft;
  });
  on(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      commit();
    } else if (event.key === "Escape" && typing) {
      event.preventDefault();
      revert();
    }
  });

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const moved = state.expression !== value;
      value = state.expression ?? "";
      if (moved || !input.title) input.title = text.expressionTip(value);
      const shown = field.current(value);
      // Another view or Python changed the objective: it replaces a draft that does not have the focus.
      if (moved && typing && document.activeElement !== input) revert();
      settle(shown);
    },
  };
}
