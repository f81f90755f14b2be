import { graphText } from "../../core/text/graph.js";
import { layOutGraph, shapeOf } from "../../core/layout/network_graph.js";
import { h, svg } from "../base/dom.js";
import { createRadioRow } from "../controls/radio_row.js";

/** @typedef {import("../../core/layout/network_graph.js").GraphLayer} GraphLayer */

/** Below this scale names cannot be read, so a large network opens at full size. */
const READABLE = 0.75;

/**
 * The drawing of a network: a box for each layer. One tab stop; arrow keys move between layers, and Enter selects one.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name of the drawing
 * @param {(layer: string) => void} options.choose
 */
export function createGraphPicture(context, { name, choose }) {
  const { on, id } = context;
  const el = h("div", {
    class: "lucidw-graph-picture",
    role: "listbox",
    tabindex: "0",
    "aria-label": graphText.layers,
    "data-lucidw": name,
    title: graphText.layersTip,
  });
  let zoom = "";
  const zooms = createRadioRow(context, {
    name: `${name}-zoom`,
    label: graphText.zoom,
    choices: { fit: graphText.fit, full: graphText.full },
    tips: { fit: graphText.fitTip, full: graphText.fullTip },
    choose: (/** @type {string} */ value) => {
      zoom = value;
      scale();
      reveal(boxes[cursor]);
    },
  });

  /** @type {GraphLayer[]} */
  let layers = [];
  /** @type {SVGElement[]} */
  let boxes = [];
  /** @type {SVGElement | null} */
  let drawing = null;
  /** @type {SVGElement | undefined} */
  let image;
  let size = { width: 1, height: 1 };
  let cursor = 0;
  let marked = -1;
  /** Whether the selected layer is still to be scrolled to, because nothing is laid out in a hidden element. */
  let waiting = true;

  /** @param {number[][]} links */
  function draw(links) {
    const laid = layOutGraph(layers, links);
    size = laid;
    const { x, y, width, height } = laid.image;
    boxes = laid.boxes.map((box, index) => {
      const layer = /** @type {GraphLayer} */ (layers[index]);
      const [full, kind] = layer;
      const tip = svg("title");
      tip.textContent = graphText.described(full, kind, shapeOf(layer));
      const first = svg("text", { x: box.x, y: box.y - 3, class: "lucidw-graph-name" });
      first.textContent = laid.names[index] ?? full;
      const second = svg("text", { x: box.x, y: box.y + 11, class: "lucidw-graph-shape" });
      second.textContent = shapeOf(layer) || kind;
      const rect = svg("rect", { x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width, height: box.height, rx: 5 });
      return svg("g", { class: "lucidw-graph-layer", role: "option", id: id(`${name}-${index}`), "aria-selected": "false", "data-kind": kind }, tip, rect, first, second);
    });
    const imageText = svg("text", { x, y: y + 4, class: "lucidw-graph-name" });
    imageText.textContent = graphText.image;
    image = svg("g", { class: "lucidw-graph-image", "aria-hidden": "true" }, svg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: height / 2 }), imageText);
    drawing = svg(
      "svg",
      { viewBox: `0 0 ${laid.width} ${laid.height}`, role: "presentation" },
      ...laid.lines.map((d) => svg("path", { class: "lucidw-graph-link", d, "aria-hidden": "true" })),
      image,
      ...boxes,
    );
    el.replaceChildren(drawing);
    zoom = "";
    waiting = true;
    scale();
  }

  function scale() {
    if (!drawing || !el.clientWidth) return;
    const fit = Math.min(1, el.clientWidth / size.width);
    const chosen = zoom || (fit < READABLE ? "full" : "fit");
    const factor = chosen === "fit" ? fit : 1;
    drawing.setAttribute("width", String(size.width * factor));
    drawing.setAttribute("height", String(size.height * factor));
    zooms.show(chosen);
    zooms.el.hidden = fit === 1;
    if (waiting) {
      waiting = false;
      reveal(boxes[marked] ?? image);
    }
  }

  /** Scrolls a box to the middle of the drawing, without scrolling the page. @param {SVGElement | undefined} box */
  function reveal(box) {
    if (!box || !el.clientWidth) return;
    const [inner, outer] = [box.getBoundingClientRect(), el.getBoundingClientRect()];
    el.scrollLeft += inner.left + inner.width / 2 - outer.left - el.clientWidth / 2;
    el.scrollTop += inner.top + inner.height / 2 - outer.top - el.clientHeight / 2;
  }

  /** @param {number} index */
  function point(index) {
    boxes[cursor]?.classList.remove("lucidw-graph-cursor");
    cursor = Math.max(0, Math.min(boxes.length - 1, index));
    const box = boxes[cursor];
    if (!box) return;
    box.classList.add("lucidw-graph-cursor");
    el.setAttribute("aria-activedescendant", box.id);
    const [inner, outer] = [box.getBoundingClientRect(), el.getBoundingClientRect()];
    const outside = inner.left < outer.left || inner.right > outer.right || inner.top < outer.top || inner.bottom > outer.bottom;
    if (outside) reveal(box);
  }

  function take() {
    const layer = layers[cursor];
    if (layer) choose(layer[0]);
  }

  on(el, "click", (event) => {
    const box = /** @type {Element} */ (event.target).closest(".lucidw-graph-layer");
    const index = boxes.findIndex((each) => each === box);
    if (index < 0) return;
    point(index);
    take();
  });
  on(el, "focus", () => {
    if (el.matches(":focus-visible")) point(cursor);
  });
  on(el, "blur", () => boxes[cursor]?.classList.remove("lucidw-graph-cursor"));
  on(el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" && !event.shiftKey) || event.key === " ") {
      event.preventDefault();
      return take();
    }
    const to = { ArrowUp: cursor - 1, ArrowLeft: cursor - 1, ArrowDown: cursor + 1, ArrowRight: cursor + 1, Home: 0, End: boxes.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    point(to);
  });

  const resized = new ResizeObserver(scale);
  resized.observe(el);
  context.signal.addEventListener("abort", () => resized.disconnect(), { once: true });

  return {
    el,
    zooms: zooms.el,

    /** @param {GraphLayer[]} newest @param {number[][]} links pairs of indices; -1 is the image */
    show(newest, links) {
      layers = newest;
      cursor = 0;
      marked = -1;
      draw(links);
    },

    /** Marks a layer as selected. @param {number} index -1 for none @param {{scroll?: boolean}} [options] */
    mark(index, { scroll = false } = {}) {
      if (index === marked) return;
      marked = index;
      boxes.forEach((box, place) => box.setAttribute("aria-selected", String(place === index)));
      if (index >= 0 && !el.matches(":focus")) cursor = index;
      if (scroll && !el.matches(":focus-within")) reveal(boxes[index]);
    },
  };
}
