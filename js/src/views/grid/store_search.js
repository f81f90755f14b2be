import { formatFigure } from "../../core/text/format.js";
import { gridText } from "../../core/text/grid.js";
import { h, setText } from "../base/dom.js";

/** Delay in ms before Python is asked, because people type several letters. */
const PAUSE = 200;
/** Most units that are listed. */
const MOST = 12;

/**
 * What a search finds in the other layers of a store, as a row of buttons.
 *
 * @param {import("../../widget.js").Context} context
 * @param {(layer: string, unit: number) => void} go shows a unit of another layer
 */
export function createStoreSearch({ session, signal, on }, go) {
  const words = h("span", { class: "lucidw-elsewhere-words" });
  const list = h("ul", { class: "lucidw-elsewhere-list" });
  const el = h("div", { class: "lucidw-elsewhere", "data-lucidw": "elsewhere", hidden: true }, words, list);
  /** @type {{layer: string, unit: number, label: string, figure?: number | null}[]} */
  let units = [];
  let query = "";
  /** @type {unknown} */
  let timer = null;

  function hide() {
    units = [];
    el.hidden = true;
    list.replaceChildren();
  }

  async function ask(/** @type {string} */ asked, /** @type {string} */ layer) {
    let found;
    try {
      found = (await session.command("find", { text: asked, beyond: layer })).value;
    } catch (error) {
      console.warn("lucid_widgets: the search failed", error);
      return hide();
    }
    if (asked !== query || signal.aborted) return;
    units = (found?.units ?? []).slice(0, MOST);
    el.hidden = units.length === 0;
    setText(words, gridText.elsewhere(found?.count ?? 0));
    list.replaceChildren(
      ...units.map(({ layer: name, unit, label, figure }, index) => {
        const words = [`${name}:${unit}`, label, figure === undefined ? "" : formatFigure(figure)].filter(Boolean).join(" ");
        return h("li", {}, h("button", { type: "button", class: "lucidw-button lucidw-link", "data-index": index }, words));
      }),
    );
  }

  on(list, "click", (event) => {
    const button = /** @type {HTMLElement | null} */ (event.target.closest("[data-index]"));
    const unit = units[Number(button?.dataset.index)];
    if (button && unit) go(unit.layer, unit.unit);
  });
  signal.addEventListener("abort", () => session.clock.stop(timer));

  return {
    el,

    /** Searches the other layers. @param {string} text @param {WidgetState} state */
    search(text, state) {
      query = text.trim();
      session.clock.stop(timer);
      timer = null;
      if (!query || !state._store?.variants || !session.hasKernel() || session.offline) return hide();
      const asked = query;
      timer = session.clock.start(() => ask(asked, state.layer), PAUSE);
    },
  };
}
