import { createEdit } from "../../core/input/edits.js";
import { setText, h } from "../base/dom.js";

/** Time in ms for which a message stays that appears when the user has left the control already. */
const LATE_FOR = 5000;

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
 * @param {boolean} [options.sticky] whether a refused value stays in the control, and its message with it
 */
export function createField(
  { session, signal, id, on },
  { name, control, show, pause, apply = (value) => session.command("set", { [name]: value }), sticky = false },
) {
  const problem = h("p", { class: "lucidw-problem", id: id(`${name}-problem`), role: "alert", hidden: true });
  /** @type {unknown} */
  let known;
  /** @type {unknown} */
  let timer = null;
  /** Whether the message appeared when the user had left the control already. */
  let late = false;

  /** @param {import("../../core/wire/commands.js").Problem | null} reason */
  function showProblem(reason) {
    problem.hidden = !reason;
    session.clock.stop(timer);
    late = Boolean(reason) && !sticky && !control.contains(document.activeElement);
    timer = late ? session.clock.start(forget, LATE_FOR) : null;
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

  /** Removes the message: the control shows a valid value again. */
  function forget() {
    if (problem.hidden) return;
    edit.clear();
    showProblem(null);
  }

  on(control, "focusout", (/** @type {FocusEvent} */ event) => {
    if (sticky || late || control.contains(/** @type {Node | null} */ (event.relatedTarget))) return;
    forget();
  });
  signal.addEventListener(
    "abort",
    () => {
      session.clock.stop(timer);
      edit.dispose();
    },
    { once: true },
  );

  return {
    problem,
    edit,
    showProblem,
    forget,

    /** The pending edit, or else Python's value. @param {T} value Python's value */
    current(value) {
      if (value !== known) {
        known = value;
        edit.arrived();
        if (!sticky) forget();
      }
      return edit.state.value === undefined ? value : edit.state.value;
    },
  };
}
