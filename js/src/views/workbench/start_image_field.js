import { toBytes } from "../../core/wire/bytes.js";
import { text } from "../../core/text/common.js";
import { workbenchText } from "../../core/text/workbench.js";
import { uploadFile } from "../../core/wire/upload.js";
import { createButton } from "../controls/button.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";

let uploads = 0;

/**
 * The start image of a run: noise, or a file that the user chooses or drops anywhere on the widget.
 * @param {import("../../widget.js").Context} context
 */
export function createStartImageField(context) {
  const { session, signal, on, root } = context;
  const file = h("input", { type: "file", accept: "image/*", hidden: true, "aria-hidden": "true", tabindex: "-1", "data-lucidw": "start-file" });
  const small = h("canvas", { class: "lucidw-start-image", width: 0, height: 0, hidden: true });
  const glyph = h("span", { class: "lucidw-start-glyph" }, icon("image"));
  const words = h("span", { class: "lucidw-start-name" });
  const facts = h("span", { class: "lucidw-start-facts" });
  const choose = h("button", { type: "button", class: "lucidw-start-choose", "data-lucidw": "start-choose" }, glyph, small, h("span", { class: "lucidw-start-words" }, words, facts));
  const remove = createButton(context, { name: "start-remove", label: workbenchText.startRemove, tip: workbenchText.startRemove, glyph: "close", look: "lucidw-square", bare: true, press: () => session.perform("remove_start_image") });
  const problem = h("p", { class: "lucidw-problem", role: "alert", hidden: true });
  const el = h("div", { class: "lucidw-start lucidw-wide", "data-trait": "start_image" }, h("div", { class: "lucidw-start-row" }, choose, remove.el), file, problem);
  /** @type {unknown} */
  let shown = null;
  let busy = "";
  let about = /** @type {{name?: string, width?: number, height?: number}} */ ({});

  /** @param {string} message */
  function showProblem(message) {
    problem.hidden = !message;
    setText(problem, message);
  }

  /** @param {File | undefined} chosen */
  async function send(chosen) {
    if (!chosen || busy) return;
    if (!chosen.type.startsWith("image/")) return showProblem(workbenchText.notAnImage);
    showProblem("");
    const name = `${session.client}-${(uploads += 1)}`;
    try {
      const sendPiece = (/** @type {object} */ piece) => session.command("upload", { kind: "image", name: chosen.name, ...piece });
      await uploadFile(sendPiece, chosen, name, (share) => {
        busy = workbenchText.startBusy(Math.round(100 * share));
        describe();
      });
    } catch (error) {
      const reason = /** @type {any} */ (error).problem ?? { message: String(error) };
      showProblem([reason.message, reason.hint].filter(Boolean).join(" "));
    }
    busy = "";
    describe();
  }

  function describe() {
    const there = about.width !== undefined;
    el.toggleAttribute("data-there", there);
    choose.setAttribute("aria-busy", String(Boolean(busy)));
    glyph.hidden = there;
    small.hidden = remove.el.hidden = !there;
    setText(words, busy || (there ? about.name || workbenchText.startArray : workbenchText.startNoise));
    const size = text.pixelsOf(String(about.width), String(about.height));
    setText(facts, there && !busy ? (about.width === about.height ? size : workbenchText.startCropped(size)) : "");
    choose.title = there ? workbenchText.startReplace(about.name || workbenchText.startArray) : workbenchText.startTip;
  }

  async function draw() {
    const bytes = toBytes(session.get("_start_image_thumbnail"));
    if (!bytes.length) return;
    const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => null);
    if (!bitmap) return;
    if (!signal.aborted) {
      small.width = bitmap.width;
      small.height = bitmap.height;
      small.getContext("2d")?.drawImage(bitmap, 0, 0);
    }
    bitmap.close();
  }

  on(choose, "click", () => file.click());
  on(file, "change", () => {
    send(file.files?.[0]);
    file.value = "";
  });
  // The whole widget accepts drops, because users aim at the image.
  const holds = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") && !el.hidden;
  for (const type of ["dragenter", "dragover"]) {
    on(root, type, (/** @type {DragEvent} */ event) => {
      if (!holds(event)) return;
      // A part of the widget that takes images itself has prevented the default.
      el.toggleAttribute("data-over", !event.defaultPrevented);
      event.preventDefault();
      event.stopPropagation();
    });
  }
  on(root, "dragleave", (/** @type {DragEvent} */ event) => {
    if (!root.contains(/** @type {Node | null} */ (event.relatedTarget))) el.removeAttribute("data-over");
  });
  on(root, "drop", (/** @type {DragEvent} */ event) => {
    el.removeAttribute("data-over");
    if (!holds(event)) return;
    event.stopPropagation();
    if (event.defaultPrevented) return;
    event.preventDefault();
    send(event.dataTransfer?.files[0]);
  });

  return {
    el,
    /** Opens the browser's file dialog. @param {string} why message for users who close it */
    choose(why) {
      const group = el.closest("details");
      if (group) group.open = true;
      showProblem(why);
      file.click();
    },

    /** @param {WidgetState} state */
    update(state) {
      if (state._start_image_about === shown) return;
      shown = state._start_image_about;
      about = state._start_image_about ?? {};
      if (about.width !== undefined) showProblem("");
      describe();
      draw();
    },
  };
}
