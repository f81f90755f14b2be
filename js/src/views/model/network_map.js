import { IMAGE, layOutNetwork } from "../../core/layout/network_map.js";
import { stageName, stageOf, stageSize } from "../../core/objective/layer_stages.js";
import { formatCount } from "../../core/text/format.js";
import { layersText } from "../../core/text/layers.js";
import { h, setText, svg } from "../base/dom.js";

/** @typedef {import("../../core/objective/layer_stages.js").Stage} Stage */

/** Most parallel lines that stand for the branches in a stage. */
const MOST_BRANCHES = 6;

/**
 * A small diagram of the network, from the image to the output: a box for each stage, with the stage of the selected layer
 * marked. One tab stop; arrow keys move between stages, and Enter selects the layer that stands for the stage.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{choose: (layer: string) => void}} options
 */
export function createNetworkMap(context, { choose }) {
  const { on, id } = context;
  const picture = h("div", { class: "lucidw-map-picture", "aria-hidden": "true" });
  const targets = h("div", {
    class: "lucidw-map-stages",
    role: "listbox",
    tabindex: "0",
    "aria-label": layersText.map,
    "aria-orientation": "horizontal",
    "data-lucidw": "network-map",
    title: layersText.mapTip,
  });
  const words = h("p", { class: "lucidw-map-words", "aria-hidden": "true" });
  const el = h("div", { class: "lucidw-map", hidden: true }, h("div", { class: "lucidw-map-frame" }, picture, targets), words);

  /** @type {import("../../core/objective/layer_search.js").Layer[]} */
  let layers = [];
  /** @type {Stage[]} */
  let stages = [];
  /** @type {number[][]} */
  let links = [];
  let chosen = "";
  /** Index of the stage of the selected layer, of the one that the keys point at, and of the one under the pointer. */
  let current = -1;
  let cursor = -1;
  let hovered = -1;
  let width = 0;

  function draw() {
    if (el.hidden || !width) return;
    const { height, axis, boxes, lines, arcs } = layOutNetwork(stages, links, width);
    const shapes = boxes.map((box, index) => drawStage(/** @type {Stage} */ (stages[index]), box, axis, index));
    picture.replaceChildren(
      svg(
        "svg",
        { width, height, viewBox: `0 0 ${width} ${height}` },
        svg("rect", { class: "lucidw-map-image", x: 0.5, y: axis - IMAGE / 2, width: IMAGE - 1, height: IMAGE, rx: 2 }),
        svg("path", { class: "lucidw-map-image", d: `M0.5 ${axis + IMAGE / 2 - 3}l3 -3l2.5 2.5l2 -2l3 3` }),
        ...lines.map(([from, to]) => svg("path", { class: "lucidw-map-link", d: `M${from} ${axis}H${to}` })),
        svg("path", { class: "lucidw-map-link", d: `M${width - 9} ${axis - 4}l4 4l-4 4` }),
        ...arcs.map(({ from: [x1, y1], to: [x2, y2], depth }) => svg("path", { class: "lucidw-map-link", d: `M${x1} ${y1}C${x1} ${depth} ${x2} ${depth} ${x2} ${y2}` })),
        ...shapes,
      ),
    );
    targets.style.height = `${height}px`;
    boxes.forEach((box, index) => {
      const target = /** @type {HTMLElement} */ (targets.children[index]);
      const [left, right] = [boxes[index - 1], boxes[index + 1]];
      const from = left ? (left.x + left.width + box.x) / 2 : box.x;
      const to = right ? (box.x + box.width + right.x) / 2 : box.x + box.width;
      target.style.left = `${from}px`;
      target.style.width = `${to - from}px`;
    });
  }

  /** @param {Stage} stage @param {import("../../core/layout/network_map.js").Box} box @param {number} axis @param {number} index */
  function drawStage(stage, { x, y, width: wide, height }, axis, index) {
    const group = svg("g", { class: ["lucidw-map-stage", index === current ? "lucidw-map-current" : ""].join(" ").trim() });
    if (stage.residual) {
      const [left, right, top] = [x - 1.5, x + wide + 1.5, y - 2];
      group.append(svg("path", { class: "lucidw-map-link", d: `M${left} ${axis}V${top}C${left} ${top - 6} ${right} ${top - 6} ${right} ${top}V${axis}` }));
    }
    group.append(svg("rect", { x, y, width: wide, height, rx: Math.min(3, wide / 3) }));
    const branches = Math.min(stage.branches, MOST_BRANCHES);
    if (branches > 1 && wide >= 10) {
      const spread = (height - 6) / 2;
      const [from, to, bend] = [x + 1.5, x + wide - 1.5, (wide - 3) / 4];
      const tracks = Array.from({ length: branches }, (_, i) => axis - spread + (2 * spread * i) / (branches - 1));
      group.append(svg("path", { class: "lucidw-map-branches", d: tracks.map((at) => `M${from} ${axis}L${from + bend} ${at}H${to - bend}L${to} ${axis}`).join("") }));
    }
    if (index === current && stage.count > 1) {
      const place = layers.findIndex(({ name }) => name === chosen) - stage.first;
      const at = x + 2 + ((wide - 4) * (place + 0.5)) / stage.count;
      group.append(svg("path", { class: "lucidw-map-here", d: `M${at} ${y - 4}V${y + height + 4}` }));
    }
    return group;
  }

  /** @param {Stage} stage @param {boolean} short */
  function describe(stage, short) {
    const size = stage.name ? stageSize(stage) : "";
    const channels = stage.channels ? layersText.channelsCount(formatCount(stage.channels)) : "";
    const rest = short ? [] : [layersText.layersCount(stage.count), stage.branches > 1 ? layersText.branches(stage.branches) : "", stage.residual ? layersText.residual : ""];
    return [stageName(stage), size, channels, ...rest].filter(Boolean).join(short ? " · " : ", ");
  }

  /** Shows the stage that is pointed at, or else that of the selected layer. */
  function tell() {
    const focused = targets.matches(":focus-visible") ? cursor : -1;
    const shown = [hovered, focused, current].find((index) => index >= 0) ?? -1;
    const stage = stages[shown];
    setText(words, stage ? describe(stage, true) : layersText.mapHint);
    [...targets.children].forEach((target, index) => target.classList.toggle("lucidw-map-cursor", index === focused));
  }

  /** @param {number} index */
  function point(index) {
    cursor = index;
    const target = targets.children[index];
    if (target) targets.setAttribute("aria-activedescendant", target.id);
    else targets.removeAttribute("aria-activedescendant");
    tell();
  }

  /** @param {number} index */
  function take(index) {
    const stage = stages[index];
    if (stage) choose(stage.layer);
  }

  /** @param {EventTarget | null} target */
  const indexAt = (target) => [...targets.children].indexOf(/** @type {Element} */ (target));

  on(targets, "click", (event) => {
    const index = indexAt(event.target);
    point(index);
    take(index);
  });
  on(targets, "pointerover", (event) => {
    hovered = indexAt(event.target);
    tell();
  });
  on(targets, "pointerleave", () => {
    hovered = -1;
    tell();
  });
  on(targets, "focus", () => point(cursor >= 0 ? cursor : Math.max(0, current)));
  on(targets, "blur", tell);
  on(targets, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" && !event.shiftKey) || event.key === " ") {
      event.preventDefault();
      return take(cursor);
    }
    const last = stages.length - 1;
    const to = { ArrowLeft: cursor - 1, ArrowRight: cursor + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    point(Math.max(0, Math.min(last, to)));
  });

  const resized = new ResizeObserver(() => {
    if (picture.clientWidth === width) return;
    width = picture.clientWidth;
    draw();
  });
  resized.observe(picture);
  context.signal.addEventListener("abort", () => resized.disconnect(), { once: true });

  return {
    el,

    /**
     * @param {import("../../core/objective/layer_search.js").Layer[]} newest
     * @param {{stages?: Stage[], links?: number[][]}} network
     */
    show(newest, { stages: groups = [], links: between = [] }) {
      layers = newest;
      stages = groups;
      links = between;
      cursor = hovered = -1;
      el.hidden = stages.length < 2;
      targets.removeAttribute("aria-activedescendant");
      targets.replaceChildren(
        ...stages.map((stage, index) => {
          const label = describe(stage, false);
          return h("div", { class: "lucidw-map-target", role: "option", id: id(`map-${index}`), "aria-selected": "false", "aria-label": label, title: label });
        }),
      );
    },

    /** Marks the stage of a layer. @param {string} layer */
    mark(layer) {
      chosen = layer;
      current = stageOf(stages, layers, layer);
      [...targets.children].forEach((target, index) => target.setAttribute("aria-selected", String(index === current)));
      if (!targets.matches(":focus")) cursor = current;
      draw();
      tell();
    },
  };
}
