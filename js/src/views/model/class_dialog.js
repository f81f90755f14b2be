import { moveRow } from "../../core/objective/layer_search.js";
import { workbenchText } from "../../core/text/workbench.js";
import { createDialog } from "../controls/dialog.js";
import { h, setText } from "../base/dom.js";

/**
 * A dialog to search for a class of the network. By default, the chosen one is visualized.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} [options]
 * @param {string} [options.name] for tests
 * @param {string} [options.title]
 * @param {(found: {index: number, label: string}) => unknown} [options.choose]
 */
export function createClassDialog(context, { name = "class", title = workbenchText.classTitle, choose: chosen } = {}) {
  const { session, on, id, signal } = context;
  const search = h("input", { type: "search", class: "lucidw-input", role: "combobox", "aria-label": workbenchText.classSearch, "aria-expanded": "true", "aria-controls": id(`${name}-list`), placeholder: workbenchText.classSearch, autocomplete: "off", spellcheck: "false", "data-lucidw": `${name}-search` });
  const list = h("div", { class: "lucidw-classes", role: "listbox", id: id(`${name}-list`), "aria-label": workbenchText.classList, "data-lucidw": name === "class" ? "classes" : `${name}-found` });
  const nothing = h("p", { class: "lucidw-no-results", hidden: true }, workbenchText.classNone);
  const dialog = createDialog(context, { name: `${name}-dialog`, title, body: [search, nothing, list] });
  let cursor = 0;
  let asked = 0;
  /** `near` means that only the name is similar. @type {{index: number, label: string, near?: boolean}[]} */
  let found = [];

  async function find() {
    const question = (asked += 1);
    const answer = await session.command("find_class", { query: search.value }).catch(() => null);
    if (!answer || question !== asked || signal.aborted) return;
    found = answer.value ?? [];
    list.replaceChildren(
      ...found.map(({ index, label }) => h("div", { class: "lucidw-class", role: "option", id: id(`${name}-${index}`), "data-label": label }, label)),
    );
    const near = found[0]?.near === true;
    nothing.hidden = found.length > 0 && !near;
    setText(nothing, near ? workbenchText.classNear : workbenchText.classNone);
    list.hidden = found.length === 0;
    context.announce(near ? workbenchText.classNear : workbenchText.classFound(found.length));
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
    const one = row ? found[[...list.children].indexOf(row)] : undefined;
    if (!one) return;
    dialog.shut();
    if (chosen) chosen(one);
    else await session.perform("preset", { name: "class", label: one.label });
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
    /** @param {string} [words] title; default: that of the last time */
    open(words) {
      search.value = "";
      dialog.open(search, words);
      find();
    },
  };
}
