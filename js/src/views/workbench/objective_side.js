import { builderText } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { createTermList } from "../objective/term_list.js";
import { h, setText } from "../base/dom.js";

/**
 * The left side of the workbench. It shows layer and channel if the objective is a single channel, and the list of terms if
 * it is anything else or the user asked for terms.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("../../widget.js").View[]} simple the views of a single channel
 * @returns {import("../../widget.js").View[]}
 */
export function createObjectiveSide(context, simple) {
  const terms = createTermList(context);
  const more = createButton(context, {
    name: "more-terms",
    label: builderText.add,
    tip: builderText.addTip,
    glyph: "plus",
    look: "lucidw-add",
    press() {
      wanted = "terms";
      show();
      if (single) terms.menu.unfold(true, true);
      else terms.menu.opener.focus({ preventScroll: true });
    },
  });
  const back = createButton(context, {
    name: "one-channel",
    label: builderText.oneChannel,
    tip: builderText.oneChannelTip,
    look: "lucidw-link",
    press() {
      wanted = "channel";
      show();
      more.el.focus({ preventScroll: true });
    },
  });
  terms.el.firstElementChild?.append(back.el);
  const foot = h("div", { class: "lucidw-more-terms" }, more.el);
  /** The user's choice. It is reset when the objective becomes or stops being a single channel. @type {"" | "terms" | "channel"} */
  let wanted = "";
  let single = true;
  let known = false;

  function show() {
    const asTerms = known && (wanted || (single ? "channel" : "terms")) === "terms";
    terms.el.hidden = !asTerms;
    foot.hidden = asTerms || !known;
    for (const { el } of simple) /** @type {HTMLElement} */ (el).hidden = asTerms;
    setText(more.caption, single ? builderText.add : builderText.editTerms);
    more.el.title = single ? builderText.addTip : builderText.editTermsTip;
    more.el.querySelector("svg")?.toggleAttribute("hidden", !single);
  }

  return [
    ...simple,
    { el: foot },
    {
      el: terms.el,

      /** @param {WidgetState} state */
      update(state) {
        known = Boolean(state._term_kinds?.length);
        const one = state.layer !== "" && (state.terms ?? []).length <= 1;
        if (one !== single) {
          // A user who is editing the terms keeps seeing them.
          wanted = terms.el.contains(document.activeElement) ? "terms" : "";
          single = one;
        }
        terms.update(state);
        show();
      },
    },
  ];
}
