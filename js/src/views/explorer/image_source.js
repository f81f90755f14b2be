import { explorerText } from "../../core/text/explorer.js";
import { uploadFile } from "../../core/wire/upload.js";
import { h, setText, setValue } from "../base/dom.js";
import { createButton } from "../controls/button.js";

let uploads = 0;

/**
 * Where an image comes from: a file that the user chooses, drops on a part of the page or pastes into it, or a sample.
 * @param {import("../../widget.js").Context} context
 * @param {{trait?: "image" | "photo", upload?: string, zone?: HTMLElement}} [options] `trait` takes the name of a sample, the
 *   command `upload` a file; `zone` is where an image may be dropped or pasted, by default anywhere on the widget
 */
export function createImageSource(context, { trait = "image", upload = "upload", zone = context.root } = {}) {
  const { session, on } = context;
  const file = h("input", { type: "file", accept: "image/*", hidden: true, "aria-hidden": "true", tabindex: "-1", "data-lucidw": "file" });
  const choose = createButton(context, { name: "choose", label: explorerText.choose, tip: explorerText.chooseTip, glyph: "image", press: () => file.click() });
  const samples = h("select", { class: "lucidw-input lucidw-choice", "aria-label": explorerText.samples, "data-lucidw": "samples" });
  const problem = h("p", { class: "lucidw-problem", role: "alert", hidden: true });
  const el = h("div", { class: "lucidw-explorer-source" }, choose.el, samples, file, problem);
  let offered = "";
  let busy = false;

  /** @param {string} message */
  function say(message) {
    problem.hidden = !message;
    setText(problem, message);
  }

  /** @param {Promise<unknown>} work */
  async function report(work) {
    say("");
    try {
      await work;
    } catch (error) {
      const reason = /** @type {any} */ (error).problem ?? { message: String(error) };
      say([reason.message, reason.hint].filter(Boolean).join(" "));
    }
  }

  /** @param {File | null | undefined} chosen */
  async function send(chosen) {
    if (!chosen || busy) return;
    if (!chosen.type.startsWith("image/")) return say(explorerText.notAnImage);
    busy = true;
    const id = `${session.client}-image-${(uploads += 1)}`;
    const sendPiece = (/** @type {object} */ piece) => session.command(upload, { name: chosen.name, ...piece });
    const sent = uploadFile(sendPiece, chosen, id, (share) => setText(choose.caption, explorerText.uploading(Math.round(100 * share))));
    await report(sent);
    setText(choose.caption, explorerText.choose);
    busy = false;
  }

  on(file, "change", () => {
    send(file.files?.[0]);
    file.value = "";
  });
  on(samples, "change", () => {
    if (samples.value) report(session.command("set", { [trait]: samples.value }));
  });
  const holds = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");

  /** Keeps the notebook from handling a drag. Another field of the widget that accepts drops still hears of it. @param {Event} event */
  function take(event) {
    event.preventDefault();
    if (zone === context.root) event.stopPropagation();
  }

  for (const type of ["dragenter", "dragover"]) {
    on(zone, type, (/** @type {DragEvent} */ event) => {
      if (!holds(event)) return;
      take(event);
      zone.setAttribute("data-over", "");
    });
  }
  on(zone, "dragleave", (/** @type {DragEvent} */ event) => {
    if (!zone.contains(/** @type {Node | null} */ (event.relatedTarget))) zone.removeAttribute("data-over");
  });
  on(zone, "drop", (/** @type {DragEvent} */ event) => {
    zone.removeAttribute("data-over");
    if (!holds(event)) return;
    take(event);
    send(event.dataTransfer?.files[0]);
  });
  on(zone, "paste", (/** @type {ClipboardEvent} */ event) => {
    const pasted = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (!pasted) return;
    event.preventDefault();
    event.stopPropagation();
    send(pasted);
  });

  return {
    el,

    /** @param {WidgetState} state */
    show(state) {
      const names = state._samples ?? [];
      if (names.join("\n") !== offered) {
        offered = names.join("\n");
        samples.replaceChildren(h("option", { value: "" }, explorerText.samples), ...names.map((/** @type {string} */ name) => h("option", { value: name }, name)));
      }
      setValue(samples, names.includes(state.image_name) ? state.image_name : "");
    },
  };
}
