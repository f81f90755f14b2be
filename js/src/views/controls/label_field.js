import { findLabels } from "../../core/input/term_values.js";
import { moveRow } from "../../core/objective/layer_search.js";
import { builderText } from "../../core/text/builder.js";
import { createField } from "./field.js";
import { h, setText, setValue } from "../base/dom.js";

/**
 * A combobox for a class, searched by a part of its name.
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name unique on this view
 * @param {string} options.part
 * @param {string} options.label
 * @param {(value: number | string) => Promise<unknown>} options.apply
 */
export function createLabelField(context, { name, part, label, apply }) {
  const { on, id } = context;
  const input = h("input", {
    type: "text",
    role: "combobox",
    class: "lucidw-input",
    "data-lucidw": part,
    "aria-label": label,
    "aria-expanded": "false",
    "aria-controls": id(`${name}-list`),
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    title: builderText.classTip,
    id: id(name),
  });
  const list = h("div", { class: "lucidw-options", role: "listbox", id: id(`${name}-list`), "aria-label": label, "data-lucidw": `${part}-list`, hidden: true });
  const count = h("p", { class: "lucidw-options-count", hidden: true });
  const field = createField(context, { name, control: input, show, pause: 0, apply });
  /** @type {string[]} */
  let labels = [];
  /** @type {number | string | null} */
  let value = null;
  /** @type {number[]} */
  let found = [];
  let cursor = -1;
  let open = false;

  /** @param {number | string | null | undefined} edited */
  function show(edited = value) {
    if (open) return;
    const shown = edited === null || edited === undefined ? "" : typeof edited === "number" ? (labels[edited] ?? String(edited)) : edited;
    setValue(input, shown);
  }

  /** @param {boolean} wanted */
  function unfold(wanted) {
    open = wanted && labels.length > 0;
    list.hidden = count.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) input.removeAttribute("aria-activedescendant");
    else search(input.value === nameOf(value) ? "" : input.value);
  }

  /** @param {number | string | null} which */
  function nameOf(which) {
    return typeof which === "number" ? (labels[which] ?? String(which)) : (which ?? "");
  }

  /** @param {string} query */
  function search(query) {
    const { indices, count: total } = findLabels(labels, query);
    found = indices;
    list.replaceChildren(
      ...found.map((index, place) =>
        h(
          "div",
          { class: "lucidw-option", role: "option", id: id(`${name}-${place}`), "data-index": index, "aria-selected": String(nameOf(value) === labels[index]) },
          h("span", {}, labels[index] ?? ""),
          h("span", { class: "lucidw-channel-count" }, String(index)),
        ),
      ),
    );
    list.hidden = found.length === 0;
    setText(count, total === 0 ? builderText.noClass : builderText.classesFound(total));
    point(query && found.length ? 0 : found.findIndex((index) => labels[index] === nameOf(value)));
  }

  /** @param {number} place */
  function point(place) {
    list.children[cursor]?.classList.remove("lucidw-cursor");
    cursor = place;
    const row = /** @type {HTMLElement | undefined} */ (list.children[place]);
    if (!row) return input.removeAttribute("aria-activedescendant");
    row.classList.add("lucidw-cursor");
    input.setAttribute("aria-activedescendant", row.id);
    const [top, height] = [row.offsetTop, row.offsetHeight];
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
  }

  /** @param {number | undefined} index */
  function take(index) {
    if (index === undefined) return;
    // Two classes may have the same name; then the index identifies the class.
    const label = labels[index] ?? "";
    const wanted = labels.indexOf(label) === index ? label : index;
    unfold(false);
    if (wanted !== value) field.edit.set(wanted, { now: true });
    show(wanted);
  }

  function applyTyped() {
    const typed = input.value.trim();
    const exact = labels.findIndex((each) => each.toLowerCase() === typed.toLowerCase());
    if (exact >= 0) take(exact);
    else if (labels.length) take(found[cursor]);
    else if (/^\d{1,7}$/.test(typed)) field.edit.set(Number(typed), { now: true });
  }

  on(input, "focus", () => input.select());
  on(input, "click", () => unfold(true));
  on(input, "input", () => {
    field.edit.clear();
    unfold(true);
    search(input.value);
  });
  on(input, "blur", () => {
    if (!labels.length) applyTyped();
    unfold(false);
    show(field.edit.state.value);
  });
  on(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (open || !labels.length) applyTyped();
      else unfold(true);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      unfold(false);
      show(field.edit.state.value);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp" || (open && event.key.startsWith("Page"))) {
      event.preventDefault();
      if (!open) return unfold(true);
      const next = moveRow(event.key, cursor, found.length);
      if (next !== null) point(next);
    }
  });
  // Prevents the click from moving the focus out of the field, which would close the list.
  on(list, "pointerdown", (event) => event.preventDefault());
  on(list, "click", (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest(".lucidw-option");
    if (row) take(Number(/** @type {HTMLElement} */ (row).dataset.index));
  });

  return {
    el: h("div", { class: "lucidw-combobox" }, input, list, count),
    problem: field.problem,

    /** @param {number | string | null} newest @param {string[]} names */
    show(newest, names) {
      value = newest;
      labels = names;
      input.placeholder = labels.length ? builderText.searchClasses(labels.length) : "0";
      show(field.current(/** @type {any} */ (newest)));
    },
  };
}
