import { text } from "../../core/text/common.js";
import { createButton } from "./button.js";
import { createCopyButton } from "./copy_button.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * A card that says what went wrong and what to do about it, with the traceback on request.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} actions
 * @param {string} [actions.title] title of problems that have none
 * @param {() => void} [actions.again]
 * @param {() => void} [actions.dismiss]
 */
export function createErrorCard(context, { title: fallback = text.failedTitle, again, dismiss }) {
  const title = h("strong");
  const message = h("p", { class: "lucidw-message" });
  const hint = h("p", { class: "lucidw-hint" });
  const trace = h("pre", { tabindex: "0", "aria-label": text.details });
  const details = h("details", {}, h("summary", {}, text.details), trace);
  const report = () => [title, message, hint, trace].map((each) => each.textContent).filter(Boolean).join("\n\n");
  const copy = createCopyButton(context, { name: "copy", label: text.copy, tip: text.copyTip }, report, () => {
    details.open = true;
    getSelection()?.selectAllChildren(body);
  });
  const buttons = h("div", { class: "lucidw-card-buttons" });
  if (again) {
    buttons.append(createButton(context, { name: "again", label: text.tryAgain, tip: text.tryAgainTip, press: again }).el);
  }
  buttons.append(copy.el);
  if (dismiss) {
    buttons.append(createButton(context, { name: "dismiss", label: text.dismiss, tip: text.dismiss, press: dismiss }).el);
  }
  const body = h("div", { class: "lucidw-card-body" }, title, message, hint, details, buttons);
  const el = h("div", { class: "lucidw-card", role: "alert", "data-lucidw": "error", hidden: true }, icon("warning"), body);

  return {
    el,

    /** @param {import("../../core/wire/commands.js").Problem | null} problem null hides the card */
    show(problem) {
      el.hidden = !problem;
      if (!problem) return;
      setText(title, problem.title || fallback);
      setText(message, problem.message || text.errorUnknown);
      setText(hint, problem.hint ?? "");
      hint.hidden = !problem.hint;
      setText(trace, problem.traceback ?? "");
      details.hidden = !problem.traceback;
    },
  };
}
