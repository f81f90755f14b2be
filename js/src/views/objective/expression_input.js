import { tokenize } from "../../core/objective/expression_tokens.js";
import { text } from "../../core/text/common.js";
import { createField } from "../controls/field.js";
import { h } from "../base/dom.js";

/**
 * What is being maximized, as text in code colours: a coloured copy lies under an input whose own letters are clear.
 * @param {import("../../widget.js").Context} context
 */
export function createExpression(context) {
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
  const field = createField(context, { name: "expression", control: input, show: settle, pause: 0 });
  const el = h("div", { class: "lucidw-expression" }, box, field.problem);
  let value = "";
  let typing = false;

  function colour() {
    paint.replaceChildren(
      ...tokenize(input.value).map(({ kind, text: piece }) => (kind === "plain" ? piece : h("span", { class: `lucidw-${kind}` }, piece))),
    );
    paint.scrollLeft = input.scrollLeft;
  }

  /** Shows an edit that is under way, or Python's value, unless the person is typing. @param {string | undefined} edited */
  function settle(edited = value) {
    // A refused text stays where it is, to be mended rather than typed again; Escape brings the valid one back.
    if (field.edit.state.problem) typing = true;
    apply.hidden = !typing;
    if (typing || input.value === edited) return;
    input.value = edited;
    colour();
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
    colour();
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

    /** @param {Record<string, any>} state */
    update(state) {
      const moved = state.expression !== value;
      value = state.expression ?? "";
      if (moved || !input.title) input.title = text.expressionTip(value);
      const shown = field.current(value);
      // Another view or Python has chosen something else: a draft that nobody is working on gives way.
      if (moved && typing && document.activeElement !== input) revert();
      settle(shown);
    },
  };
}
