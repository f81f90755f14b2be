import { moveRow } from "../../core/objective/layer_search.js";
import { workbenchText } from "../../core/text/workbench.js";
import { createDialog } from "../controls/dialog.js";
import { h } from "../base/dom.js";

/**
 * A dialog to search for a class of the network and visualize it.
 * @param {import("../../widget.js").Context} context
 */
export function createClassDialog(context) {
  const { session, on, id, signal } = context;
  const search = h("input", { type: "search", class: "lucidw-input", role: "combobox", "aria-label": workbenchText.classSearch, "aria-expanded": "true", "aria-controls": id("classes"), placeholder: workbenchText.classSearch, autocomplete: "off", spellcheck: "false", "data-lucidw": "class-search" });
  const list = h("div", { class: "lucidw-classes", role: "listbox", id: id("classes"), "aria-label": workbenchText.classList, "data-lucidw": "classes" });
  const nothing = h("p", { class: "lucidw-no-results", hidden: true }, workbenchText.classNone);
  const dialog = createDialog(context, { name: "class-dialog", title: workbenchText.classTitle, body: [search, list, nothing] });
  let cursor = 0;
  let asked = 0;

  async function find() {
    const question = (asked += 1);
    const answer = await session.command("find_class", { query: search.value }).catch(() => null);
    if (!answer || question !== asked || signal.aborted) return;
    /** @type {{index: number, label: string}[]} */
    const found = answer.value ?? [];
    list.replaceChildren(
      ...found.map(({ index, label }) => h("div", { class: "lucidw-class", role: "option", id: id(`class-${index}`), "data-label": label }, label)),
    );
    nothing.hidden = found.length > 0;
    list.hidden = found.length === 0;
    context.announce(workbenchText.classFound(found.length));
    point(0);
  }

  /** @param {number} index */
  function point(index) {
    cursor = index;
    for (const [at, row] of [...list.children].entries()) row.setAttribute("aria-selected", String(at === cursor));
    const row = list.children[cursor];
    if (row) search.setAttribute("aria-activedescendant", row.id);
    else search.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Element | null | undefined} row */
  async function choose(row) {
    const label = row?.getAttribute("data-label");
    if (label === null || label === undefined) return;
    dialog.shut();
    await session.perform("preset", { name: "class", label });
  }

  on(search, "input", find);
  on(search, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      choose(list.children[cursor]);
      return;
    }
    const next = event.key === "Home" || event.key === "End" ? null : moveRow(event.key, cursor, list.children.length);
    if (next === null) return;
    event.preventDefault();
    point(next);
  });
  on(list, "click", (event) => choose(/** @type {HTMLElement} */ (event.target).closest(".lucidw-class")));

  return {
    open() {
      search.value = "";
      dialog.open(search);
      find();
    },
  };
}
