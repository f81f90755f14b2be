import { tokenize } from "../../core/objective/expression_tokens.js";
import { lengthAt } from "../../core/input/term_values.js";
import { builderText } from "../../core/text/builder.js";
import { createField } from "../controls/field.js";
import { h, setText } from "../base/dom.js";

/** Pause in typing, in ms, after which Python checks the text. */
const CHECK_AFTER = 150;

/**
 * Multi-line editor for the objective as code. The text area has transparent letters over a colored copy of the text.
 * Python checks the text during typing, and errors are underlined.
 * @param {import("../../widget.js").Context} context
 */
export function createCodeArea(context) {
  const { on, id, session, signal } = context;
  const input = h("textarea", {
    class: "lucidw-code-input",
    "data-lucidw": "expression",
    "aria-label": builderText.codeLabel,
    title: builderText.codeTip,
    rows: 1,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    id: id("expression"),
  });
  const paint = h("pre", { class: "lucidw-code", "aria-hidden": "true" });
  const note = h("p", { class: "lucidw-code-note", "data-lucidw": "code-note" });
  const box = h("div", { class: "lucidw-expression-box lucidw-code-area" }, paint, input);
  const field = createField(context, { name: "expression", control: input, show: settle, pause: 0, sticky: true });
  field.problem.dataset.lucidw = "code-problem";
  const el = h("div", { class: "lucidw-code-part" }, h("div", { class: "lucidw-heading" }, builderText.asCode), box, field.problem, note);
  let value = "";
  let typing = false;
  let unfinished = false;
  /** Position of the error that Python found in the current text. @type {{position: number, length: number} | null} */
  let wrong = null;
  /** @type {unknown} */
  let timer = null;
  let asked = 0;

  function color() {
    const pieces = [];
    let at = 0;
    for (const { kind, text: piece } of tokenize(input.value)) {
      for (const part of cut(piece, at)) {
        const classes = [kind === "plain" ? "" : `lucidw-${kind}`, part.wrong ? "lucidw-wrong" : ""].filter(Boolean);
        pieces.push(classes.length ? h("span", { class: classes.join(" ") }, part.text) : part.text);
      }
      at += piece.length;
    }
    // If the text ends too early there is nothing to underline, so a space at the end is marked.
    if (wrong && wrong.position >= input.value.length) pieces.push(h("span", { class: "lucidw-wrong" }, " "));
    paint.replaceChildren(...pieces, "\n");
  }

  /** Splits a token at the start and end of the underlined range. @param {string} piece @param {number} at */
  function cut(piece, at) {
    if (!wrong) return [{ text: piece, wrong: false }];
    const start = Math.max(0, Math.min(piece.length, wrong.position - at));
    const end = Math.max(0, Math.min(piece.length, wrong.position + wrong.length - at));
    return [
      { text: piece.slice(0, start), wrong: false },
      { text: piece.slice(start, end), wrong: true },
      { text: piece.slice(end), wrong: false },
    ].filter((part) => part.text);
  }

  /** @param {(import("../../core/wire/commands.js").Problem & {position?: number, length?: number}) | null} problem */
  function judge(problem) {
    const position = problem?.position;
    wrong = position === undefined ? null : { position, length: problem?.length || lengthAt(input.value, position) };
    field.showProblem(problem);
    tell();
    color();
  }

  function tell() {
    const message = !typing ? (unfinished ? builderText.codeWaits : builderText.codeIsApplied) : wrong || input.hasAttribute("aria-invalid") ? "" : builderText.codeIsFine;
    setText(note, message);
    note.hidden = !message;
  }

  async function check() {
    timer = null;
    const source = input.value;
    asked += 1;
    const mine = asked;
    try {
      const { value: problem } = await session.command("check", { text: source });
      if (mine === asked && typing && input.value === source && !signal.aborted) judge(problem ?? null);
    } catch {
      /* an unchecked text is checked when it is applied */
    }
  }

  function stop() {
    session.clock.stop(timer);
    timer = null;
    asked += 1;
  }
  signal.addEventListener("abort", stop, { once: true });

  /** Shows a pending edit or Python's value, unless the user is typing. @param {string | undefined} edited */
  function settle(edited = value) {
    // A refused text stays in the field for correction. Escape restores the valid one.
    if (field.edit.state.problem) {
      typing = true;
      if (!wrong) check();
    }
    if (!typing && input.value !== edited) {
      input.value = edited;
      wrong = null;
      color();
    }
    tell();
  }

  function commit() {
    if (!typing) return;
    stop();
    typing = false;
    if (input.value === value) field.edit.clear();
    else field.edit.set(input.value, { now: true });
    tell();
  }

  function revert() {
    stop();
    typing = false;
    wrong = null;
    field.edit.clear();
    field.showProblem(null);
    input.value = value;
    color();
    tell();
  }

  on(input, "input", () => {
    typing = input.value !== value;
    wrong = null;
    field.edit.clear();
    field.showProblem(null);
    tell();
    color();
    stop();
    if (typing) timer = session.clock.start(check, CHECK_AFTER);
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
      unfinished = Boolean(state.problem?.message);
      const shown = field.current(value);
      // Another view or Python changed the objective: it replaces a draft that does not have the focus.
      if (moved && typing && document.activeElement !== input) revert();
      settle(shown);
    },
  };
}
