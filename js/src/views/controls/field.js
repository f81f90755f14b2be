import { createEdit } from "../../core/input/edits.js";
import { setText, h } from "../base/dom.js";

/**
 * What every control for one of Python's values has in common: it sends edits with `set`, shows them as pending until
 * Python has answered, and goes back with the reason if Python refuses.
 *
 * @template T
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {HTMLElement} options.control marked `data-pending` and `aria-invalid`
 * @param {(value: T | undefined) => void} options.show shows an edit, or Python's value for undefined
 * @param {number} [options.pause]
 * @param {(value: T) => Promise<unknown>} [options.apply] sends an edit; sets the trait unless given
 */
export function createField(
  { session, signal, id },
  { name, control, show, pause, apply = (value) => session.command("set", { [name]: value }) },
) {
  const problem = h("p", { class: "lucidw-problem", id: id(`${name}-problem`), role: "alert", hidden: true });
  /** @type {unknown} */
  let known;

  /** @param {import("../../core/wire/commands.js").Problem | null} reason */
  function complain(reason) {
    problem.hidden = !reason;
    setText(problem, reason ? [reason.message || reason.title, reason.hint].filter(Boolean).join(" ") : "");
    if (reason) {
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", problem.id);
    } else {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }

  const edit = createEdit({
    apply,
    clock: session.clock,
    pause,
    onChange(state) {
      control.toggleAttribute("data-pending", state.pending);
      complain(state.problem);
      show(state.value);
    },
  });
  signal.addEventListener("abort", edit.dispose, { once: true });

  return {
    problem,
    edit,
    complain,

    /** The edit to show, or else Python's value. @param {T} value Python's */
    current(value) {
      if (value !== known) {
        known = value;
        edit.arrived();
      }
      return edit.state.value === undefined ? value : edit.state.value;
    },
  };
}
