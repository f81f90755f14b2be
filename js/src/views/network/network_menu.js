import { filterNetworks, isPath } from "../../core/network/network_options.js";
import { moveRow } from "../../core/objective/layer_search.js";
import { networkText } from "../../core/text/network.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { createDialog } from "../controls/dialog.js";

/** @typedef {import("../../core/network/network_options.js").NetworkOption} NetworkOption */

/**
 * The name of the network in the header: a button that opens the list of networks. Its search field takes paths of files too.
 * @param {import("../../widget.js").Context} context
 */
export function createNetworkMenu(context) {
  const { session, on, id, signal } = context;
  const caption = h("span", { class: "lucidw-network-name" });
  const el = h("button", { type: "button", class: "lucidw-button lucidw-title lucidw-network", "aria-haspopup": "dialog", "data-lucidw": "network" }, caption, icon("down"));
  const search = h("input", { type: "search", class: "lucidw-input", role: "combobox", "aria-label": networkText.search, "aria-expanded": "true", "aria-controls": id("networks"), "aria-autocomplete": "list", placeholder: networkText.search, title: networkText.searchTip, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "data-lucidw": "network-search" });
  const list = h("div", { class: "lucidw-networks", role: "listbox", id: id("networks"), "aria-label": networkText.list, "data-lucidw": "networks" });
  const nothing = h("p", { class: "lucidw-no-results", hidden: true }, networkText.none);
  const dialog = createDialog(context, { name: "network-dialog", title: networkText.title, body: [search, list, nothing] });
  /** @type {NetworkOption[]} */
  let options = [];
  /** @type {NetworkOption[]} */
  let shown = [];
  /** @type {HTMLElement[]} */
  let rows = [];
  let cursor = 0;
  let asked = 0;

  /** @param {NetworkOption} option @param {number} index */
  function row(option, index) {
    const state = option.state === "download" ? networkText.download(networkText.size(option.megabytes)) : networkText.states[option.state];
    const words = h("span", { class: "lucidw-network-words" }, h("span", { class: "lucidw-network-label" }, option.name), h("span", { class: "lucidw-network-about" }, option.about));
    return h("div", { class: "lucidw-network-row", role: "option", id: id(`network-${index}`), "data-index": index, "data-state": option.state, title: [option.name, option.about].join("\n") }, words, h("span", { class: "lucidw-network-state" }, state));
  }

  function show() {
    const query = search.value.trim();
    const typed = /** @type {NetworkOption} */ ({ kind: "file", key: query, group: "", name: networkText.open(query), about: networkText.openAbout, state: "here", megabytes: 0 });
    shown = [...(isPath(query) ? [typed] : []), ...filterNetworks(options, query)];
    rows = shown.map(row);
    const blocks = [];
    for (const [index, { group }] of shown.entries()) {
      if (group !== shown[index - 1]?.group || index === 0) {
        const heading = h("div", { class: "lucidw-network-group", id: id(`network-group-${index}`), role: "presentation" }, networkText.groups[group] ?? "");
        const block = h("div", group ? { role: "group", "aria-labelledby": heading.id } : { role: "presentation" });
        if (group) block.append(heading);
        blocks.push(block);
      }
      blocks.at(-1)?.append(/** @type {HTMLElement} */ (rows[index]));
    }
    list.replaceChildren(...blocks);
    nothing.hidden = shown.length > 0;
    list.hidden = shown.length === 0;
    point(0);
  }

  /** @param {number} index */
  function point(index) {
    cursor = index;
    for (const [at, each] of rows.entries()) each.setAttribute("aria-selected", String(at === cursor));
    const chosen = rows[cursor];
    if (chosen) search.setAttribute("aria-activedescendant", chosen.id);
    else search.removeAttribute("aria-activedescendant");
    if (cursor === 0) list.scrollTop = 0;
    else chosen?.scrollIntoView({ block: "nearest" });
  }

  /** @param {NetworkOption | undefined} option */
  async function choose(option) {
    if (!option) return;
    dialog.shut();
    if (option.state === "current") return;
    await session.perform("choose_network", { kind: option.kind, key: option.key });
  }

  async function open() {
    const question = (asked += 1);
    search.value = "";
    dialog.open(search);
    show();
    const answer = await session.command("networks").catch(() => null);
    if (!answer || question !== asked || signal.aborted) return;
    options = answer.value ?? [];
    show();
    context.announce(networkText.found(shown.length));
  }

  on(el, "click", open);
  on(search, "input", () => {
    show();
    context.announce(networkText.found(shown.length));
  });
  on(search, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      choose(shown[cursor]);
      return;
    }
    const next = event.key === "Home" || event.key === "End" ? null : moveRow(event.key, cursor, rows.length);
    if (next === null) return;
    event.preventDefault();
    point(next);
  });
  on(list, "click", (event) => {
    const chosen = /** @type {HTMLElement} */ (event.target).closest("[data-index]");
    if (chosen) choose(shown[Number(chosen.getAttribute("data-index"))]);
  });

  return {
    el,
    open,

    /** @param {WidgetState} state */
    update(state) {
      const name = state.model_name ?? "";
      setText(caption, name);
      el.title = networkText.chooseTip(name);
      el.setAttribute("aria-label", networkText.choose(name));
    },
  };
}
