import { createEdit } from "../../core/input/edits.js";
import { setText, h } from "../base/dom.js";

/**
 * The behavior that all controls for a value in Python share: they send edits with `set`, show them as pending until Python
 * has answered, and revert with the reason if Python refuses.
 *
 * @template T
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the trait
 * @param {HTMLElement} options.control gets `data-pending` and `aria-invalid`
 * @param {(value: T | undefined) => void} options.show shows an edit, or Python's value for undefined
 * @param {number} [options.pause]
 * @param {(value: T) => Promise<unknown>} [options.apply] sends an edit; default: sets the trait
 */
export function createField(
  { session, signal, id },
  { name, control, show, pause, apply = (value) => session.command("set", { [name]: value }) },
) {
  const problem = h("p", { class: "lucidw-problem", id: id(`${name}-problem`), role: "alert", hidden: true });
  /** @type {unknown} */
  let known;

  /** @param {import("../../core/wire/commands.js").Problem | null} reason */
  function showProblem(reason) {
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
      showProblem(state.problem);
      show(state.value);
    },
  });
  signal.addEventListener("abort", edit.dispose, { once: true });

  return {
    problem,
    edit,
    showProblem,

    /** The pending edit, or else Python's value. @param {T} value Python's value */
    current(value) {
      if (value !== known) {
        known = value;
        edit.arrived();
      }
      return edit.state.value === undefined ? value : edit.state.value;
    },
  };
}
