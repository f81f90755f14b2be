import { text } from "../core/strings.js";
import { createButton } from "./button.js";
import { h, setText, setUsable } from "./dom.js";

/** How long the note about a saved file stays. */
const NOTE_FOR = 8000;

/**
 * Save: asks Python for the lossless picture and hands it to the browser as a download. Where a host forbids downloads
 * without saying so, the note's link shows the picture in the widget, to be saved from its own menu.
 *
 * @param {import("../widget.js").Context} context
 */
export function createSave(context) {
  const { session, signal, on } = context;
  const button = createButton(context, { name: "save", label: text.buttons.save, tip: text.tips.save, glyph: "save", press: save });
  const said = h("span");
  const show = createButton(context, { name: "show", label: text.savedOpen, tip: text.openedTip, look: "lucidw-link", press: open });
  const note = h("p", { class: "lucidw-toast", role: "status", "data-lucidw": "saved", hidden: true }, said, show.el);
  const image = h("img", { alt: "", title: text.openedTip });
  const close = createButton(context, { name: "close", label: text.close, tip: text.close, glyph: "close", bare: true, press: shut });
  const overlay = h("div", { class: "lucidw-overlay", role: "dialog", "aria-label": text.openedTip, hidden: true }, image, close.el);
  let url = "";
  let timer = 0;
  let busy = false;

  async function save() {
    if (busy) return;
    busy = true;
    button.el.setAttribute("aria-busy", "true");
    const answer = await session.order("png");
    busy = false;
    button.el.setAttribute("aria-busy", "false");
    const bytes = answer?.buffers[0];
    if (!answer || !bytes || signal.aborted) return;
    const name = String(answer.value?.filename || "picture.png");
    forget();
    url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    const link = h("a", { href: url, download: name });
    const allowed = "download" in link;
    if (allowed) link.click();
    setText(said, allowed ? text.saved(name) : text.saveHere);
    note.hidden = false;
    timer = window.setTimeout(forget, NOTE_FOR);
  }

  function open() {
    clearTimeout(timer);
    note.hidden = true;
    image.src = url;
    overlay.hidden = false;
    close.el.focus();
  }

  function shut() {
    forget();
    button.el.focus();
  }

  function forget() {
    clearTimeout(timer);
    note.hidden = true;
    overlay.hidden = true;
    image.removeAttribute("src");
    if (url) URL.revokeObjectURL(url);
    url = "";
  }

  on(overlay, "keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    shut();
  });
  on(image, "contextmenu", (event) => event.stopPropagation());
  signal.addEventListener("abort", forget, { once: true });

  return {
    el: button.el,
    /** To be put into the stage. */
    extras: [note, overlay],
    save,

    update() {
      setUsable(button.el, session.surface.meta !== null);
    },
  };
}
