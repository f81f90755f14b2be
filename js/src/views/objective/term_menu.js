import { KINDS, builderText } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { h } from "../base/dom.js";

/**
 * "Add a term", which opens the list of term types with an explanation of each.
 * @param {import("../../widget.js").Context} context
 * @param {(kind: string) => void} add
 */
export function createTermMenu(context, add) {
  const { on, id } = context;
  const opener = createButton(context, { name: "add-term", label: builderText.add, tip: builderText.addTip, glyph: "plus", look: "lucidw-add", press: () => unfold(!open, true) });
  opener.el.setAttribute("aria-haspopup", "menu");
  opener.el.setAttribute("aria-expanded", "false");
  opener.el.setAttribute("aria-controls", id("kinds"));
  const list = h("div", { class: "lucidw-term-kinds", id: id("kinds"), role: "menu", "aria-label": builderText.add, hidden: true });
  for (const { group, kinds } of KINDS) {
    const offered = Object.entries(kinds).filter(([kind]) => kind !== "tensor_direction"); // only Python can set its value
    list.append(
      h(
        "div",
        { class: "lucidw-kind-group", role: "group", "aria-label": group },
        h("div", { class: "lucidw-heading", "aria-hidden": "true" }, group),
        ...offered.map(([kind, { name, about }]) =>
        h(
          "button",
          { type: "button", class: "lucidw-kind-button", role: "menuitem", tabindex: "-1", "data-lucidw": `add-${kind}`, "data-kind": kind, title: about },
          h("span", { class: "lucidw-kind-name" }, name),
          h("span", { class: "lucidw-kind-about" }, about),
        ),
      ),
      ),
    );
  }
  const buttons = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("button"))];
  let open = false;

  /** @param {boolean} wanted @param {boolean} [enter] whether to focus the first kind */
  function unfold(wanted, enter = false) {
    open = wanted;
    list.hidden = !open;
    opener.el.setAttribute("aria-expanded", String(open));
    if (open && enter) buttons[0]?.focus({ preventScroll: true });
  }

  on(opener.el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    unfold(true, true);
  });

  on(list, "click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!button) return;
    unfold(false);
    add(/** @type {HTMLElement} */ (button).dataset.kind ?? "");
  });
  on(list, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab") return unfold(false);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Escape") {
      unfold(false);
      opener.el.focus();
    } else if (to !== undefined) buttons[Math.min(buttons.length - 1, Math.max(0, to))]?.focus();
    else return;
    event.preventDefault();
  });

  return {
    el: h("div", { class: "lucidw-term-menu" }, opener.el, list),
    opener: opener.el,
    unfold,
  };
}
