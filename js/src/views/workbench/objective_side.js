import { text } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { createTerms } from "../objective/term_list.js";
import { h } from "../base/dom.js";

/**
 * The left side of the workbench: one channel of one layer, or, where the objective is more than that or somebody wants
 * it to be, its terms.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("../../widget.js").View[]} simple the views of a single channel
 * @returns {import("../../widget.js").View[]}
 */
export function createLeftTerms(context, simple) {
  const terms = createTerms(context);
  const more = createButton(context, {
    name: "more-terms",
    label: text.add,
    tip: text.addTip,
    glyph: "plus",
    look: "lucidw-add",
    press() {
      wanted = "terms";
      show();
      if (single) terms.menu.unfold(true);
      terms.menu.opener.focus({ preventScroll: true });
    },
  });
  const back = createButton(context, {
    name: "one-channel",
    label: text.oneChannel,
    tip: text.oneChannelTip,
    look: "lucidw-link",
    press() {
      wanted = "channel";
      show();
      more.el.focus({ preventScroll: true });
    },
  });
  terms.el.firstElementChild?.append(back.el);
  const foot = h("div", { class: "lucidw-more-terms" }, more.el);
  /** What the person asked for, until the objective becomes one of the other sort. @type {"" | "terms" | "channel"} */
  let wanted = "";
  let single = true;
  let known = false;

  function show() {
    const asTerms = known && (wanted || (single ? "channel" : "terms")) === "terms";
    terms.el.hidden = !asTerms;
    foot.hidden = asTerms || !known;
    for (const { el } of simple) /** @type {HTMLElement} */ (el).hidden = asTerms;
    more.caption.textContent = single ? text.add : text.editTerms;
  }

  return [
    ...simple,
    { el: foot },
    {
      el: terms.el,

      /** @param {Record<string, any>} state */
      update(state) {
        known = Boolean(state.kinds?.length);
        const one = state.layer !== "" && (state.terms ?? []).length <= 1;
        if (one !== single) {
          // Whoever is at the terms is not taken away from them.
          wanted = terms.el.contains(document.activeElement) ? "terms" : "";
          single = one;
        }
        terms.update(state);
        show();
      },
    },
  ];
}
