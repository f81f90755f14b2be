import { formatPercent } from "../../core/run/seen_classes.js";
import { formatObjective } from "../../core/text/format.js";
import { inputsText } from "../../core/text/evidence.js";
import { toBytes } from "../../core/wire/bytes.js";
import { createButton } from "../controls/button.js";
import { createChoice } from "../controls/choice.js";
import { h, setText } from "../base/dom.js";
import { createWeightMap } from "./weight_map.js";

/** Traits that `createMadeOf` reads. @type {(keyof LucidWidgetTraits)[]} */
export const INPUT_TRAITS = ["show_inputs", "inputs_from", "_inputs", "_inputs_images", "_inputs_sheet"];

/**
 * An input as Python describes it.
 * @typedef {{channel: number, excites: boolean, sum: number, share: number, map: number[]}} Input
 */

/**
 * The channels of an earlier layer that excite or inhibit the unit of the workbench, in a group that folds. While it is folded,
 * Python computes nothing.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createMadeOf(context) {
  const { session, on, signal } = context;
  const from = createChoice(context, { name: "inputs_from", label: inputsText.from, tip: inputsText.fromTip });
  const message = h("p", { class: "lucidw-evidence-message", role: "status", "data-lucidw": "inputs-message" });
  const again = createButton(context, { name: "inputs-again", label: inputsText.again, tip: inputsText.againTip, press: () => session.perform("retry_inputs") });
  const excites = createSide("excites", inputsText.excites);
  const inhibits = createSide("inhibits", inputsText.inhibits);
  const low = h("span");
  const high = h("span");
  const scale = h("span", { class: "lucidw-inputs-scale" });
  const legend = h("div", { class: "lucidw-inputs-legend", role: "img", title: inputsText.legendTip, "data-lucidw": "inputs-legend" }, h("span", {}, inputsText.legend), low, scale, high);
  const size = h("span");
  const about = h("p", { class: "lucidw-evidence-source" });
  const head = h("div", { class: "lucidw-inputs-head" }, h("label", { class: "lucidw-inputs-from" }, h("span", { "aria-hidden": "true" }, inputsText.from), from.el), legend, size);
  const found = h("div", { class: "lucidw-inputs" }, head, from.problem, h("div", { class: "lucidw-inputs-sides" }, excites.el, inhibits.el), about);
  const summary = h("span", { class: "lucidw-summary" });
  const el = h(
    "details",
    { class: "lucidw-group lucidw-inputs-group", "data-lucidw": "group-inputs" },
    h("summary", { title: inputsText.tip }, h("span", {}, inputsText.title), summary),
    found,
    h("div", { class: "lucidw-evidence-waiting" }, message, again.el),
  );
  /** The user's choice, until Python has confirmed it. @type {boolean | null} */
  let chosen = null;
  let open = false;
  let url = "";
  /** What is drawn. @type {{inputs: unknown, sheet: unknown, images: unknown}} */
  let drawn = { inputs: null, sheet: null, images: null };

  on(el, "toggle", () => {
    if (el.open === (chosen ?? open)) return;
    chosen = el.open;
    session.perform("set", { show_inputs: el.open });
    session.touch();
  });
  signal.addEventListener("abort", () => URL.revokeObjectURL(url), { once: true });

  /** The list of one sign. @param {string} name for tests @param {string} title */
  function createSide(name, title) {
    const list = h("ul", { class: "lucidw-inputs-list", "aria-label": title, "data-lucidw": `inputs-${name}` });
    const nothing = h("p", { class: "lucidw-evidence-message", hidden: true }, inputsText.nothing);
    const el = h("section", {}, h("span", { class: "lucidw-heading", title: inputsText.sidesTip }, title), list, nothing);
    /** @type {ReturnType<typeof createRow>[]} */
    const rows = [];
    return {
      el,
      /** @param {{input: Input, place: number}[]} inputs @param {Record<string, any>} state `_inputs` @param {Record<string, any>} images `_inputs_images` */
      show(inputs, state, images) {
        while (rows.length < inputs.length) {
          const row = createRow(list);
          rows.push(row);
        }
        for (const [index, row] of rows.entries()) row.show(inputs[index], state, images);
        nothing.hidden = inputs.length > 0;
        list.hidden = inputs.length === 0;
      },
    };
  }

  /** One input. Rows stay when the unit changes, so that the focus does. @param {HTMLElement} list */
  function createRow(list) {
    const image = h("span", { class: "lucidw-inputs-image", "aria-hidden": "true" });
    const map = createWeightMap();
    const name = h("span", { class: "lucidw-inputs-name" });
    const sum = h("span", { class: "lucidw-inputs-sum", title: inputsText.sumTip });
    const share = h("span", { class: "lucidw-inputs-share", title: inputsText.shareTip });
    const more = h("span", { class: "lucidw-visually-hidden" });
    const button = h("button", { type: "button", class: "lucidw-inputs-row" }, image, map.el, h("span", { class: "lucidw-inputs-words" }, name, " ", sum, " ", share, " ", more));
    const item = h("li", {}, button);
    list.append(item);
    /** @type {{layer: string, channel: number} | null} */
    let target = null;
    on(button, "click", () => {
      if (target) session.perform("open_input", target);
    });

    return {
      /** @param {{input: Input, place: number} | undefined} shown @param {Record<string, any>} state @param {Record<string, any>} images */
      show(shown, state, images) {
        item.hidden = !shown;
        if (!shown) return;
        const { input, place } = shown;
        const color = state.from === "input" ? inputsText.colors[input.channel] : undefined;
        const words = color ?? inputsText.channel(state.from, input.channel);
        const weight = formatObjective(input.sum);
        const percent = formatPercent(input.share);
        target = state.from === "input" ? null : { layer: state.from, channel: input.channel };
        setText(name, words);
        setText(sum, inputsText.sum(input.sum > 0 ? `+${weight}` : weight));
        setText(share, inputsText.share(percent));
        map.show(input.map, state.height, state.width, state.largest);
        const at = map.peak();
        setText(more, inputsText.peak(formatObjective(input.map[at]), Math.floor(at / state.width), at % state.width, state.height, state.width));
        button.title = target ? inputsText.open(words) : words;
        button.toggleAttribute("data-fixed", !target);
        button.setAttribute("aria-disabled", String(!target));
        image.hidden = state.from === "input";
        const known = images.layer === state.from ? images.states?.[place] : "waiting";
        image.toggleAttribute("data-failed", known === "failed");
        const has = Boolean(url) && (known === "making" || known === "made");
        const count = state.rows.length;
        image.style.backgroundImage = has ? `url("${url}")` : "";
        image.style.backgroundSize = `${count * 100}% 100%`;
        image.style.backgroundPosition = `${(place / Math.max(1, count - 1)) * 100}% 0`;
        image.title = images.failures?.[place] ?? "";
      },
    };
  }

  /** @param {WidgetState} state */
  function draw(state) {
    const inputs = state._inputs ?? {};
    const images = state._inputs_images ?? {};
    const bytes = session.get("_inputs_sheet");
    if (drawn.sheet !== bytes) {
      URL.revokeObjectURL(url);
      const data = toBytes(bytes);
      url = data.length ? URL.createObjectURL(new Blob([data], { type: "image/jpeg" })) : "";
    } else if (drawn.inputs === inputs && drawn.images === images) {
      return;
    }
    drawn = { inputs, sheet: bytes, images };
    const rows = /** @type {Input[]} */ (inputs.rows ?? []).map((input, place) => ({ input, place }));
    excites.show(rows.filter(({ input }) => input.excites), inputs, images);
    inhibits.show(rows.filter(({ input }) => !input.excites), inputs, images);
    const most = formatObjective(inputs.largest);
    setText(low, `−${most}`);
    setText(high, `+${most}`);
    legend.setAttribute("aria-label", inputsText.legendLabel(most));
    setText(size, inputsText.window(inputs.height, inputs.width, inputs.block));
    setText(about, inputsText.about(inputs.count, inputs.from));
    from.offer((inputs.choices ?? []).map((/** @type {string} */ name) => [name, name === "input" ? inputsText.image : name]));
  }

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      if (chosen === Boolean(state.show_inputs)) chosen = null;
      open = Boolean(state.show_inputs);
      if (chosen === null) el.open = open;
      const inputs = state._inputs ?? {};
      const ready = inputs.state === "ready";
      setText(summary, ready && open ? inputsText.summary(inputs.from) : "");
      if (!el.open) return;
      const has = ready && inputs.rows.length > 0;
      found.hidden = !ready;
      found.toggleAttribute("data-waiting", ready && (inputs.layer !== state.layer || inputs.channel !== state.channel));
      if (ready) {
        draw(state);
        from.show(inputs.from);
      }
      const failed = inputs.state === "failed";
      const imagesFailed = ready && state._inputs_images?.state === "failed";
      again.el.hidden = !failed && !imagesFailed;
      setText(message, failed ? sentence(inputsText.failed, inputs) : imagesFailed ? sentence(inputsText.imagesFailed, state._inputs_images) : has ? "" : ready ? inputsText.noWeights(inputs.from) : inputs.state === "no unit" ? inputsText.noUnit : inputsText.waiting);
      /** @type {HTMLElement} */ (message.parentElement).hidden = !message.textContent;
    },
  };
}

/** @param {string} first @param {Record<string, any>} problem */
function sentence(first, problem) {
  return [first, problem.message, problem.hint].filter(Boolean).join(" ");
}
