import { networkText } from "../../core/text/network.js";
import { h, setText, setValue } from "../base/dom.js";

/**
 * The pixel values that the network expects, where they are a guess or were chosen: a line with a list to change them.
 * @param {import("../../widget.js").Context} context
 */
export function createInputRange(context) {
  const { session, on, id } = context;
  const select = h("select", { class: "lucidw-input lucidw-choice lucidw-range-select", "aria-labelledby": id("input-range"), title: networkText.rangeTip, "data-lucidw": "input-range" });
  const how = h("span", { class: "lucidw-range-how" });
  const el = h("div", { class: "lucidw-input-range", hidden: true }, h("span", { id: id("input-range") }, networkText.expects, how), select);
  let shown = "";

  on(select, "change", async () => {
    const answer = await session.perform("set_input_range", { name: select.value });
    if (!answer) setValue(select, session.get("_input_range")?.name ?? "");
  });

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const range = state._input_range ?? {};
      el.hidden = range.how === undefined;
      const key = JSON.stringify(range);
      if (el.hidden || key === shown) return;
      shown = key;
      const names = /** @type {string[]} */ (range.name ? range.names : ["", ...range.names]);
      select.replaceChildren(...names.map((name) => h("option", { value: name, disabled: name === "" }, name ? (networkText.ranges[name] ?? name) : networkText.otherRange)));
      setValue(select, range.name);
      setText(how, range.how === "guessed" ? networkText.guessed : "");
    },
  };
}
