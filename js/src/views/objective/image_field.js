import { builderText } from "../../core/text/builder.js";
import { createButton } from "../controls/button.js";
import { createField } from "../controls/field.js";
import { h, setText } from "../base/dom.js";

/** Bytes of a file per message. In base64 and with its envelope, a part stays well below 1 MB. */
const PART = 384 * 1024;

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
    const parts = Math.max(1, Math.ceil(chosen.size / PART));
    count += 1;
    const key = `${session.client}-${name}-${count}`;
    for (let index = 0; index < parts; index += 1) {
      setText(note, builderText.sending(Math.round((100 * index) / parts)));
      const bytes = new Uint8Array(await chosen.slice(index * PART, (index + 1) * PART).arrayBuffer());
      await send({ upload: key, part: index, parts, data: toBase64(bytes) });
    }
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

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
