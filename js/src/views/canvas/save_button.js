import { text } from "../../core/text/common.js";
import { createButton } from "../controls/button.js";
import { h, setText, setUsable } from "../base/dom.js";

/** Time in ms for which the note about a saved file stays. */
const NOTE_FOR = 8000;

/**
 * Save button: requests the lossless image from Python and downloads it. Some hosts block downloads silently, so the note
 * links to the image in the widget, where the browser's context menu can save it.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} [words]
 * @param {string} [words.tip]
 * @param {{label: string, tip: string}} [words.also] button that saves the JSON file sent along with the image
 */
export function createSaveButton(context, { tip = text.tips.save, also } = {}) {
  const { session, signal, on } = context;
  const button = createButton(context, { name: "save", label: text.buttons.save, tip, glyph: "save", press: save });
  const said = h("span");
  const show = createButton(context, { name: "show", label: text.savedOpen, tip: text.openedTip, look: "lucidw-link", press: open });
  const note = h("p", { class: "lucidw-toast", role: "status", "data-lucidw": "saved", hidden: true }, said, show.el);
  if (also) note.insertBefore(createButton(context, { name: "also", ...also, look: "lucidw-link", press: saveLayout }).el, show.el);
  const image = h("img", { alt: "", title: text.openedTip });
  const close = createButton(context, { name: "close", label: text.close, tip: text.close, glyph: "close", bare: true, press: shut });
  const overlay = h("div", { class: "lucidw-overlay", role: "dialog", "aria-label": text.openedTip, hidden: true }, image, close.el);
  let url = "";
  let layoutUrl = "";
  let fileName = "";
  let timer = 0;
  let busy = false;
  /** Had the focus before the image was saved. @type {HTMLElement | null} */
  let cameFrom = null;

  async function save() {
    if (busy) return;
    busy = true;
    cameFrom = /** @type {HTMLElement | null} */ (document.activeElement);
    button.el.setAttribute("aria-busy", "true");
    const answer = await session.perform("png");
    busy = false;
    button.el.setAttribute("aria-busy", "false");
    const bytes = answer?.buffers[0];
    if (!answer || !bytes || signal.aborted) return;
    const name = String(answer.value?.filename || "image.png");
    forget();
    url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    const layout = answer.buffers[1];
    if (layout) layoutUrl = URL.createObjectURL(new Blob([layout], { type: "application/json" }));
    fileName = name;
    const allowed = download(url, name);
    setText(said, allowed ? text.saved(name) : text.saveHere);
    note.hidden = false;
    timer = window.setTimeout(forget, NOTE_FOR);
  }

  /** @param {string} file @param {string} name @returns {boolean} whether the page can download files */
  function download(file, name) {
    const link = h("a", { href: file, download: name });
    const allowed = "download" in link;
    if (allowed) link.click();
    return allowed;
  }

  // On a second click, because browsers ask for permission when one click saves two files.
  function saveLayout() {
    download(layoutUrl, `${fileName}.json`);
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
    (button.el.isConnected ? button.el : cameFrom)?.focus();
  }

  function forget() {
    clearTimeout(timer);
    note.hidden = true;
    overlay.hidden = true;
    image.removeAttribute("src");
    for (const each of [url, layoutUrl]) if (each) URL.revokeObjectURL(each);
    url = layoutUrl = "";
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
    /** Elements for the canvas area. */
    extras: [note, overlay],
    save,

    update() {
      setUsable(button.el, session.sharedCanvas.meta !== null || session.cellImages?.empty === false);
    },
  };
}
