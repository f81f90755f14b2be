import { atlasText } from "../../core/atlas/text.js";
import { formatObjective } from "../../core/text/format.js";
import { h, setText } from "../base/dom.js";
import { createButton } from "../controls/button.js";

/** @typedef {import("./atlas_cells.js").Grid} Grid */

/**
 * What is known about a cell: its image, the classes that it speaks for, and parts of real images.
 *
 * @param {import("../../widget.js").Context} context
 * @param {import("./atlas_cells.js").AtlasCells} cells
 * @param {object} actions
 * @param {() => void} actions.letGo
 * @param {(label: string) => void} actions.highlight
 */
export function createAtlasDetail(context, cells, { letGo, highlight }) {
  const image = h("canvas", { class: "lucidw-atlas-image", "aria-hidden": "true" });
  const place = h("span", { class: "lucidw-atlas-place" });
  const count = h("span", { class: "lucidw-atlas-count" });
  const release = createButton(context, { name: "let-go", label: atlasText.letGo, tip: atlasText.letGoTip, look: "lucidw-link", press: letGo });
  const head = h("div", { class: "lucidw-atlas-head" }, image, h("div", { class: "lucidw-atlas-words" }, place, count, release.el));
  const classesTitle = h("p", { class: "lucidw-heading" }, atlasText.classes);
  const classes = h("dl", { class: "lucidw-atlas-classes", "data-lucidw": "cell-classes" });
  const imagesTitle = h("p", { class: "lucidw-heading" }, atlasText.images);
  const images = h("ul", { class: "lucidw-atlas-examples", "data-lucidw": "cell-images" });
  const known = h("div", { class: "lucidw-atlas-known" }, head, classesTitle, classes, imagesTitle, images);
  const empty = h("p", { class: "lucidw-atlas-empty" }, atlasText.empty);
  const el = h("div", { class: "lucidw-atlas-detail" }, empty, known);
  let drawn = "";

  context.on(classes, "click", (event) => {
    const name = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.label;
    if (name) highlight(name);
  });

  /** @param {Grid} grid @param {number} cell @param {string[]} labels */
  function showClasses(grid, cell, labels) {
    const rows = classesOf(grid, cell, labels);
    const most = Math.max(1e-12, ...rows.map(({ value }) => value));
    classes.replaceChildren(
      ...rows.map(({ label, value }) => {
        const bar = h("span", { class: "lucidw-atlas-bar" });
        bar.style.width = `${(100 * value) / most}%`;
        const name = h("button", { type: "button", class: "lucidw-atlas-name", title: atlasText.highlight(label), "data-label": label }, label);
        return h("div", { class: "lucidw-atlas-class" }, h("dt", {}, name), h("dd", {}, h("span", { class: "lucidw-atlas-track" }, bar), h("span", { class: "lucidw-atlas-value" }, formatObjective(value))));
      }),
    );
    classesTitle.hidden = classes.hidden = labels.length === 0;
    if (labels.length && !rows.length) classes.append(h("div", {}, h("dt", {}, atlasText.noClasses), h("dd", {})));
  }

  /** @param {import("./atlas_cells.js").Example[] | null} found */
  function showImages(found) {
    images.replaceChildren(
      ...(found ?? []).map(({ id, label, url, size, position }) => {
        const item = h("li", { class: "lucidw-atlas-example", title: atlasText.image(id, label) }, h("span", { class: "lucidw-visually-hidden" }, atlasText.image(id, label)));
        Object.assign(item.style, { backgroundImage: `url("${url}")`, backgroundSize: size, backgroundPosition: position });
        return item;
      }),
    );
  }

  return {
    el,

    /** @param {Grid | null} grid @param {number} cell @param {string[]} labels @param {boolean} kept */
    show(grid, cell, labels, kept) {
      const nothing = !grid || cell < 0;
      el.toggleAttribute("data-empty", nothing);
      empty.hidden = !nothing;
      release.el.style.visibility = kept ? "" : "hidden";
      if (nothing) {
        drawn = "";
        return;
      }
      const tile = cells.tile(grid.size, cell, true);
      const found = cells.examples(grid.size, cell);
      const key = `${grid.size} ${cell} ${Boolean(tile)} ${Boolean(found)}`;
      if (key === drawn) return;
      drawn = key;
      setText(place, atlasText.place(grid.places[2 * cell] ?? 0, grid.places[2 * cell + 1] ?? 0, grid.size));
      setText(count, tile ? atlasText.count(grid.counts[cell] ?? 0) : atlasText.waiting);
      [image.width, image.height] = tile ? [tile.width, tile.height] : [1, 1];
      if (tile) image.getContext("2d")?.drawImage(tile, 0, 0);
      showClasses(grid, cell, labels);
      showImages(found);
    },
  };
}

/**
 * The classes that a cell speaks for, the strongest first.
 * @param {Grid} grid @param {number} cell @param {string[]} labels
 */
export function classesOf(grid, cell, labels) {
  return Array.from({ length: grid.classes }, (_, rank) => {
    const at = cell * grid.classes + rank;
    return { label: labels[grid.best[at] ?? -1] ?? "", value: grid.values[at] ?? 0 };
  }).filter(({ label, value }) => label && value > 0);
}
