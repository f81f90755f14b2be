import { shortName } from "../../core/objective/short_name.js";
import { tokenize } from "../../core/objective/expression_tokens.js";
import { parseReal } from "../../core/input/numbers.js";
import { nextWeight, writeReal } from "../../core/input/term_values.js";
import { KINDS, builderText, wordsFor } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { createRadioRow } from "../controls/radio_row.js";
import { createTermField } from "./term_fields.js";
import { createTypedField } from "../controls/typed_field.js";
import { h, setText, setUsable, setValue } from "../base/dom.js";

/** @typedef {import("../../core/input/term_values.js").Term} Term */

/**
 * Callbacks of a card.
 * @typedef {object} Actions
 * @property {(changes: Record<string, any>) => Promise<unknown>} edit
 * @property {(upload: object) => Promise<unknown>} upload
 * @property {() => void} toggle opens or closes the card
 * @property {(by: number) => void} move
 * @property {() => void} duplicate
 * @property {() => void} remove
 * @property {(field: string) => void} browse shows the list of layers for one of its fields
 * @property {(layer: string) => import("../../core/objective/layer_search.js").Layer | undefined} layerOf
 */

/**
 * A card for one term: a summary line, and the fields of the term when it is open.
 * @param {import("../../widget.js").Context} context
 * @param {Term} term
 * @param {import("../../core/input/term_values.js").Field[]} fields of its kind
 * @param {Actions} actions
 */
export function createTermCard(context, term, fields, actions) {
  const { on, id } = context;
  const own = `term-${term.id}`;
  const { name, about: described } = wordsFor(term.kind);

  const check = h("input", { type: "checkbox", class: "lucidw-term-check", "data-lucidw": "enabled", title: builderText.enabledTip });
  const sign = createRadioRow(context, {
    name: `${own}-sign`,
    label: builderText.sign,
    choices: { plus: "+", minus: "−" },
    tips: builderText.signs,
    choose: (value) => actions.edit({ negative: value === "minus" }),
  });
  sign.el.classList.add("lucidw-term-sign");
  sign.el.dataset.lucidw = "sign";
  for (const input of sign.inputs) {
    input.title = builderText.signs[input.value] ?? "";
    input.setAttribute("aria-label", input.title);
  }
  const weight = createTypedField(context, {
    name: `${own}-weight`,
    part: "weight",
    label: builderText.weight,
    tip: builderText.weightTip,
    read(typed) {
      const value = parseReal(typed);
      if (value === null) return { message: builderText.notNumber };
      return value < 0 ? { message: builderText.notPositive } : { value };
    },
    write: writeReal,
    step: (value, key) =>
      key === "ArrowUp" ? nextWeight(value, 1) : key === "ArrowDown" ? nextWeight(value, -1) : null,
    apply: (value) => actions.edit({ weight: value }),
  });
  const title = h("span", { class: "lucidw-term-name" }, name);
  const code = h("span", { class: "lucidw-code lucidw-term-code" });
  const opener = h("button", {
    type: "button",
    class: "lucidw-term-toggle",
    "data-lucidw": "open",
    "aria-expanded": "false",
    "aria-controls": id(`${own}-body`),
    title: builderText.openTerm,
  }, title, code);
  const head = h("div", { class: "lucidw-term-head" }, check, sign.el, weight.el, opener);

  const kind = h("select", { class: "lucidw-input lucidw-term-kind-select", "data-lucidw": "kind", "aria-label": builderText.kind, title: builderText.kindTip });
  for (const { group, kinds } of KINDS) {
    const options = Object.entries(kinds).map(([value, each]) => h("option", { value }, each.name));
    kind.append(h("optgroup", { label: group }, ...options));
  }
  if (!KINDS.some(({ kinds }) => term.kind in kinds)) kind.append(h("option", { value: term.kind }, name));
  setValue(kind, term.kind);
  const about = h("p", { class: "lucidw-about" }, term.fixed ? builderText.fixedCode : described);
  const views = fields.map((field) => {
    const view = createTermField(context, {
      field,
      name: `${own}-${field.name}`,
      apply: (value) => actions.edit({ arguments: { [field.name]: value } }),
      upload: (upload) => actions.upload({ field: field.name, ...upload }),
      layerOf: actions.layerOf,
      browse: () => actions.browse(field.name),
    });
    const caption = h("span", { class: "lucidw-term-caption", "aria-hidden": "true" }, builderText.field(field.name));
    const row = h("div", { class: `lucidw-term-field${view.wide ? " lucidw-term-wide" : ""}` }, caption, view.el, ...(view.problem ? [view.problem] : []));
    return { field, view, row };
  });
  const grid = h(
    "div",
    { class: "lucidw-term-fields" },
    ...views.map(({ row }) => row),
  );
  const written = term.kind === "custom" && !term.fixed ? createCodeField(context, own, actions) : null;
  if (written) grid.append(h("div", { class: "lucidw-term-field lucidw-term-wide" }, written.el, written.problem));
  /** @param {string} part @param {string} label @param {import("../base/icons.js").IconName} glyph @param {() => void} press */
  const tool = (part, label, glyph, press) =>
    createButton(context, { name: part, label, tip: label, glyph, look: "lucidw-square lucidw-tool", bare: true, press }).el;
  const up = tool("up", builderText.up, "up", () => actions.move(-1));
  const down = tool("down", builderText.down, "down", () => actions.move(1));
  const tools = h(
    "div",
    { class: "lucidw-tools" },
    up,
    down,
    tool("duplicate", builderText.duplicate, "duplicate", actions.duplicate),
    tool("remove", builderText.remove, "trash", actions.remove),
  );
  const slot = h("div", { class: "lucidw-browser-slot" });
  const body = h("div", { class: "lucidw-term-body", id: id(`${own}-body`), hidden: true }, h("div", { class: "lucidw-term-kind" }, kind, tools), about, grid, slot);
  const problem = h("p", { class: "lucidw-problem", role: "alert", "data-lucidw": "term-problem", hidden: true });
  const el = h("div", { class: "lucidw-term", role: "listitem", "data-lucidw": "term", "data-term": term.id, "data-kind": term.kind }, head, weight.problem, problem, body);

  on(check, "change", () => actions.edit({ enabled: check.checked }));
  on(opener, "click", actions.toggle);
  on(kind, "change", () => actions.edit({ kind: kind.value }));
  on(head, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const places = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!places || !event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    actions.move(places);
  });

  return {
    el,
    slot,
    opener,
    kind: term.kind,
    fixed: term.fixed,
    tools: { up, down },

    /** @param {boolean} open */
    open(open) {
      body.hidden = !open;
      opener.setAttribute("aria-expanded", String(open));
      el.classList.toggle("lucidw-opened", open);
    },

    /** @param {Term} newest @param {number} index @param {number} count @param {WidgetState} state */
    show(newest, index, count, state) {
      check.checked = newest.enabled;
      el.classList.toggle("lucidw-off", !newest.enabled);
      sign.show(newest.negative ? "minus" : "plus");
      weight.show(newest.weight);
      // Without the kind, which the card is named after.
      const which = shortName(newest.text).replace(/^\w+\("(.*)", \.\.\.\)$/, "$1");
      paint(code, which);
      code.title = newest.text;
      check.setAttribute("aria-label", builderText.enabled([name, which].filter(Boolean).join(" ")));
      setUsable(up, index > 0);
      setUsable(down, index + 1 < count);
      for (const { field, view, row } of views) {
        const value = newest.arguments[field.name] ?? null;
        row.hidden = field.name === "batch" && state.batch === 1 && value === null; // the batch has only one image
        view.show(value, newest, state);
      }
      written?.show(newest.arguments.text ?? "");
      const said = [newest.problem.message, newest.problem.hint].filter(Boolean).join(" ");
      problem.hidden = !said;
      el.classList.toggle("lucidw-flagged", Boolean(said));
      setText(problem, said);
    },
  };
}

/** @param {HTMLElement} element @param {string} source */
function paint(element, source) {
  if (element.dataset.source === source) return;
  element.dataset.source = source;
  element.replaceChildren(
    ...tokenize(source).map(({ kind, text: piece }) => (kind === "plain" ? piece : h("span", { class: `lucidw-${kind}` }, piece))),
  );
}

/** A term in code. @param {import("../../widget.js").Context} context @param {string} own @param {Actions} actions */
function createCodeField(context, own, actions) {
  return createTypedField(context, {
    name: `${own}-text`,
    part: "field-text",
    label: builderText.asCode,
    tip: builderText.codeTip,
    long: true,
    placeholder: 'channel("layer", 0) * channel("layer", 1)',
    read: (value) => ({ value }),
    write: (/** @type {string} */ value) => value,
    apply: (value) => actions.edit({ arguments: { text: value } }),
  });
}
