import { createField } from "./field.js";
import { h, setValue } from "../base/dom.js";

/**
 * A text field for a value of a term. Enter or leaving the field applies it, Escape reverts it, and arrow keys change it if
 * `step` is given.
 *
 * @template T
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name unique on this view
 * @param {string} options.part for tests and styles: `data-lucidw`
 * @param {string} options.label
 * @param {string} options.tip
 * @param {(typed: string) => {value?: T, message?: string}} options.read
 * @param {(value: T) => string} options.write
 * @param {(value: T) => Promise<unknown>} options.apply
 * @param {(value: T, key: string) => T | null} [options.step] the value after a key press; null if the key does nothing
 * @param {string} [options.placeholder]
 * @param {boolean} [options.long] whether the field has several lines
 */
export function createTypedField(context, { name, part, label, tip, read, write, apply, step, placeholder = "", long = false }) {
  const { on, id } = context;
  const attributes = {
    class: `lucidw-input lucidw-number${long ? " lucidw-long" : ""}`,
    "data-lucidw": part,
    "aria-label": label,
    autocomplete: "off",
    spellcheck: "false",
    title: tip || label,
    placeholder,
    id: id(name),
  };
  const input = long ? h("textarea", { ...attributes, rows: 2 }) : h("input", { type: "text", ...attributes });
  const field = createField(context, { name, control: input, show, apply, sticky: true });
  /** @type {T} */
  let value;
  let typing = false;

  /** @param {T | undefined} edited */
  function show(edited) {
    if (typing) return;
    const shown = write(edited === undefined ? value : edited);
    setValue(input, shown);
  }

  /** @param {T} wanted @param {{now?: boolean}} [options] */
  function move(wanted, options) {
    typing = false;
    field.showProblem(null);
    field.edit.set(wanted, options);
  }

  function commit() {
    if (!typing) return;
    const { value: wanted, message } = read(input.value);
    if (message !== undefined) return field.showProblem({ message });
    if (write(/** @type {T} */ (wanted)) === write(current())) return revert();
    move(/** @type {T} */ (wanted), { now: true });
  }

  function revert() {
    typing = false;
    field.edit.clear();
    field.showProblem(null);
    show(current());
  }

  function current() {
    return field.edit.state.value === undefined ? value : field.edit.state.value;
  }

  on(input, "input", () => {
    typing = true;
  });
  on(input, "blur", commit);
  on(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      commit();
    } else if (event.key === "Escape" && typing) {
      event.preventDefault();
      revert();
    } else if (step) {
      const typed = typing ? read(input.value).value : undefined;
      const wanted = step(typed === undefined ? current() : typed, event.key);
      if (wanted === null) return;
      event.preventDefault();
      move(wanted);
    }
  });

  return {
    el: input,
    problem: field.problem,
    move,
    current,

    /** @param {T} newest Python's value */
    show(newest) {
      value = newest;
      show(field.current(newest));
    },
  };
}
