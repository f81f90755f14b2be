import { tokenize } from "../../core/objective/expression_tokens.js";
import { lengthAt } from "../../core/input/term_values.js";
import { text } from "../../core/text/builder.js";
import { createField } from "../controls/field.js";
import { h, setText } from "../base/dom.js";

/** How long typing has to rest before Python is asked what it thinks of the text. */
const CHECK_AFTER = 150;

/**
 * The objective as code, over several lines where it is long: a coloured copy lies under a text area whose own letters
 * are clear. Python reads it while it is typed, and what it cannot read is underlined.
 * @param {import("../../widget.js").Context} context
 */
export function createCodeArea(context) {
  const { on, id, session, signal } = context;
  const input = h("textarea", {
    class: "lucidw-code-input",
    "data-lucidw": "expression",
    "aria-label": text.codeLabel,
    title: text.codeTip,
    rows: 1,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    id: id("expression"),
  });
  const paint = h("pre", { class: "lucidw-code", "aria-hidden": "true" });
  const note = h("p", { class: "lucidw-code-note", "data-lucidw": "code-note" });
  const box = h("div", { class: "lucidw-expression-box lucidw-code-area" }, paint, input);
  const field = createField(context, { name: "expression", control: input, show: settle, pause: 0 });
  field.problem.dataset.lucidw = "code-problem";
  const el = h("div", { class: "lucidw-code-part" }, h("div", { class: "lucidw-heading" }, text.asCode), box, field.problem, note);
  let value = "";
  let typing = false;
  let unfinished = false;
  /** What Python said about the text as it is. @type {{position: number, length: number} | null} */
  let wrong = null;
  /** @type {unknown} */
  let timer = null;
  let asked = 0;

  function colour() {
    const pieces = [];
    let at = 0;
    for (const { kind, text: piece } of tokenize(input.value)) {
      for (const part of cut(piece, at)) {
        const classes = [kind === "plain" ? "" : `lucidw-${kind}`, part.wrong ? "lucidw-wrong" : ""].filter(Boolean);
        pieces.push(classes.length ? h("span", { class: classes.join(" ") }, part.text) : part.text);
      }
      at += piece.length;
    }
    // The text ends too early: there is nothing to underline, so the place where more is missing is marked.
    if (wrong && wrong.position >= input.value.length) pieces.push(h("span", { class: "lucidw-wrong" }, " "));
    paint.replaceChildren(...pieces, "\n");
  }

  /** Divides a piece where the underlining begins and ends. @param {string} piece @param {number} at */
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
    field.complain(problem);
    tell();
    colour();
  }

  function tell() {
    const message = !typing ? (unfinished ? text.codeWaits : text.codeIsApplied) : wrong || input.hasAttribute("aria-invalid") ? "" : text.codeIsFine;
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
      /* what cannot be checked is judged when it is applied */
    }
  }

  function stop() {
    session.clock.stop(timer);
    timer = null;
    asked += 1;
  }
  signal.addEventListener("abort", stop, { once: true });

  /** Shows an edit that is under way, or Python's value, unless the person is typing. @param {string | undefined} edited */
  function settle(edited = value) {
    // A refused text stays where it is, to be mended rather than typed again; Escape brings the valid one back.
    if (field.edit.state.problem) {
      typing = true;
      if (!wrong) check();
    }
    if (!typing && input.value !== edited) {
      input.value = edited;
      wrong = null;
      colour();
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
    field.complain(null);
    input.value = value;
    colour();
    tell();
  }

  on(input, "input", () => {
    typing = input.value !== value;
    wrong = null;
    field.edit.clear();
    field.complain(null);
    tell();
    colour();
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

    /** @param {Record<string, any>} state */
    update(state) {
      const moved = state.expression !== value;
      value = state.expression ?? "";
      unfinished = Boolean(state.problem?.message);
      const shown = field.current(value);
      // Another view or Python has chosen something else: a draft that nobody is working on gives way.
      if (moved && typing && document.activeElement !== input) revert();
      settle(shown);
    },
  };
}
