import { formatCount } from "../../core/text/format.js";
import { clamp, parseWhole, stepNumber } from "../../core/input/numbers.js";
import { text } from "../../core/text/common.js";
import { createField } from "./field.js";
import { h, setValue } from "../base/dom.js";

/** Default `kind`: whole numbers. */
const WHOLE = { parse: parseWhole, move: stepNumber, complaint: text.notWhole };

/**
 * A field for a number. Enter or leaving the field applies it, and arrow keys change it. The mouse wheel scrolls the page.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {string} options.label
 * @param {string} options.tip
 * @param {number} options.min
 * @param {number | null} [options.max]
 * @param {number} [options.step] change by an arrow key
 * @param {number} [options.page] change by Page Up and Page Down
 * @param {{parse: (typed: string) => number | null, move: typeof stepNumber, complaint: string}} [options.kind]
 * @param {boolean} [options.eager] whether to send each step of keys and buttons as soon as Python has answered the last one,
 *   without waiting for a pause
 */
export function createNumberField(context, { name, label, tip, min, max = null, step = 1, page = 10, kind = WHOLE, eager = false }) {
  const { on } = context;
  const input = h("input", {
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    role: "spinbutton",
    class: "lucidw-input lucidw-number",
    "data-lucidw": name,
    "aria-label": label,
    "aria-valuemin": min,
    title: tip,
  });
  let value = min;
  let top = max;
  /** Whether the user is typing. Until they finish, values from Python are not shown. */
  let typing = false;
  const field = createField(context, { name, control: input, show });

  /** @param {number} [edited] */
  function show(edited = value) {
    if (typing) return;
    const shown = edited < min ? "" : String(edited);
    setValue(input, shown);
    input.setAttribute("aria-valuenow", String(edited));
  }

  function now() {
    return field.edit.state.value ?? value;
  }

  /** @param {number} wanted @param {{now?: boolean}} [options] */
  function move(wanted, options = { now: eager }) {
    typing = false;
    if (wanted === now()) {
      field.edit.clear();
      field.showProblem(null);
      show(wanted);
    } else {
      field.edit.set(wanted, options);
    }
  }

  function commit() {
    if (!typing) return;
    const typed = kind.parse(input.value);
    const fits = typed !== null && typed === clamp(typed, min, top);
    if (fits) return move(typed, { now: true });
    const message = typed === null || top === null ? kind.complaint : text.outOfRange(formatCount(min), formatCount(top));
    revert();
    field.showProblem({ message });
  }

  function revert() {
    typing = false;
    show(now());
  }

  on(input, "input", () => {
    typing = true;
    field.forget();
  });
  on(input, "blur", commit);
  on(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
      commit();
      input.select();
    } else if (event.key === "Escape" && typing) {
      event.preventDefault();
      revert();
    } else {
      const from = (typing ? kind.parse(input.value) : null) ?? Math.max(min, now());
      const wanted = kind.move(event.key, from, { min, max: top, step, page });
      if (wanted === null) return;
      event.preventDefault();
      move(wanted);
    }
  });

  return {
    el: input,
    problem: field.problem,
    /** Removes the message about a refused number. */
    forget: field.forget,

    /** Moves up or down by `step`, for buttons next to the field. @param {1 | -1} direction */
    nudge(direction) {
      move(clamp(Math.max(min, now()) + direction * step, min, top));
    },

    /** @param {number} newest Python's value @param {number | null} [newMax] */
    show(newest, newMax = max) {
      value = newest;
      top = newMax;
      if (top === null) input.removeAttribute("aria-valuemax");
      else input.setAttribute("aria-valuemax", String(top));
      show(field.current(newest));
    },
  };
}
