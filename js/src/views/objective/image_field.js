import { builderText } from "../../core/text/builder.js";
import { uploadFile } from "../../core/wire/upload.js";
import { createButton } from "../controls/button.js";
import { createField } from "../controls/field.js";
import { h, setText } from "../base/dom.js";

/**
 * An image from a file that the user chooses or drops. It is uploaded in parts.
 * @param {import("../../widget.js").Context} context
 * @param {object} options
 * @param {string} options.name unique on this view
 * @param {string} options.part
 * @param {string} options.label
 * @param {(upload: {upload: string, part: number, parts: number, data: string}) => Promise<unknown>} options.send
 */
export function createImageField(context, { name, part, label, send }) {
  const { on, session } = context;
  const file = h("input", { type: "file", accept: "image/*", hidden: true, "data-lucidw": `${part}-file`, "aria-label": label, tabindex: "-1" });
  const choose = createButton(context, { name: part, label: builderText.chooseFile, tip: builderText.fieldTip("orig_img"), glyph: "image", press: () => file.click() });
  const shown = h("img", { class: "lucidw-thumb", alt: "", hidden: true });
  const note = h("span", { class: "lucidw-drop-note" }, builderText.dropFile);
  const el = h("div", { class: "lucidw-drop" }, shown, h("div", {}, choose.el, file, note));
  const field = createField(context, { name, control: el, show: describe, pause: 0, apply: upload });
  /** @type {{shape: number[], thumbnail: string} | null} */
  let value = null;
  let count = 0;

  /** @param {File} chosen */
  async function upload(chosen) {
    count += 1;
    await uploadFile(send, chosen, `${session.client}-${name}-${count}`, (share) => setText(note, builderText.sending(Math.round(100 * share))));
  }

  function describe() {
    if (field.edit.state.pending) return;
    const [height, width] = value?.shape.slice(-3) ?? [];
    setText(note, value ? `${width} × ${height} px` : builderText.dropFile);
  }

  /** @param {File | null | undefined} chosen */
  function take(chosen) {
    if (chosen) field.edit.set(chosen, { now: true });
    file.value = "";
  }

  on(file, "change", () => take(file.files?.[0]));
  on(el, "dragover", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    event.stopPropagation();
    el.classList.add("lucidw-drop-target");
  });
  on(el, "dragleave", () => el.classList.remove("lucidw-drop-target"));
  on(el, "drop", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    event.stopPropagation(); // or JupyterLab would open the file
    el.classList.remove("lucidw-drop-target");
    take(event.dataTransfer?.files[0]);
  });

  return {
    el,
    problem: field.problem,

    /** @param {{shape: number[], thumbnail: string} | null} newest */
    show(newest) {
      value = newest;
      field.current(/** @type {any} */ (newest));
      const source = value?.thumbnail ?? "";
      shown.hidden = !source;
      if (source && shown.src !== source) shown.src = source;
      describe();
    },
  };
}
