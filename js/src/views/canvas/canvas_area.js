import { ACTIVE } from "../../core/wire/stream.js";
import { text } from "../../core/text/common.js";
import { createErrorCard } from "../controls/error_card.js";
import { createBusyNotice } from "../controls/busy_notice.js";
import { createImageCaption } from "./image_caption.js";
import { createImageView } from "./image_view.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

/**
 * The center of the widget: the image or the empty state, with errors and notices.
 * @param {import("../../widget.js").Context} context
 */
export function createCanvasArea(context) {
  const { session } = context;
  const imageView = createImageView(context);
  const failed = createErrorCard(context, { again: () => session.perform("run") });
  const refused = createErrorCard(context, { title: text.refusedTitle, dismiss: () => session.dismiss() });
  refused.el.dataset.lucidw = "refused";

  const title = h("strong");
  const hint = h("p");
  const glyph = h("span", { class: "lucidw-empty-icon" });
  const empty = h("div", { class: "lucidw-empty", "data-lucidw": "empty" }, glyph, title, hint);
  const chip = h("div", { class: "lucidw-chip", "data-lucidw": "chip", hidden: true }, icon("spinner"), h("span"));
  const busyNotice = createBusyNotice(context);
  const caption = createImageCaption(imageView);
  const view = h("div", { class: "lucidw-view" }, imageView.el, caption.el, empty, chip);
  const el = h("div", { class: "lucidw-canvas-area" }, failed.el, refused.el, view, busyNotice.el);

  /** @param {WidgetState} state */
  function showEmpty(state) {
    const { status } = state;
    const words = status === "compiling" ? text.compiling : status === "queued" ? text.queued : ACTIVE.has(status) ? text.preparing : text.empty;
    setText(title, words.title);
    setText(hint, words === text.empty && state.layer ? text.emptyFor(state.layer, state.channel) : words.hint);
    const name = ACTIVE.has(status) ? (status === "queued" ? "clock" : "spinner") : "eye";
    if (glyph.dataset.glyph === name) return;
    glyph.dataset.glyph = name;
    glyph.replaceChildren(icon(name));
  }

  return {
    el,
    imageView,

    /** @param {WidgetState} state */
    update(state) {
      imageView.update(state);
      caption.update(state);
      const problem = state.status === "error" && state.error?.message !== undefined ? state.error : null;
      failed.show(problem);
      refused.show(problem ? null : session.refusal);
      empty.hidden = !imageView.empty;
      // It keeps its place under the message.
      empty.style.visibility = problem ? "hidden" : "";
      if (!empty.hidden) showEmpty(state);
      const waiting = state.status === "compiling" ? text.compiling : state.status === "queued" ? text.queued : null;
      chip.hidden = imageView.empty || !waiting;
      if (waiting) {
        setText(/** @type {Element} */ (chip.lastElementChild), waiting.title);
        chip.title = waiting.hint;
      }
      busyNotice.update();
    },
  };
}
