import { entryOf, rowOf } from "../../core/run/seen_classes.js";
import { classesText } from "../../core/text/classes.js";
import { createClassList } from "./class_list.js";
import { h, setText } from "../base/dom.js";

/** Time in ms for which an image must be shown before its classes are requested, so that scrubbing requests none. */
const PAUSE = 120;

/**
 * The classes that the network sees in an image, in a group that folds. While it is folded, Python computes none.
 *
 * @param {import("../../widget.js").Context} context
 * @param {object} [options]
 * @param {((index: number) => void) | null} [options.press] called with the index of a class that was pressed
 * @param {string} [options.part] name for tests, if a view has several panels
 */
export function createClassPanel(context, { press = null, part = "seen" } = {}) {
  const { session, signal, on } = context;
  const list = createClassList(context, part, press);
  const when = h("span", { "data-lucidw": `${part}-when` });
  const impossible = h("p", { class: "lucidw-seen-impossible", hidden: true }, classesText.impossible);
  const heading = h("summary", { title: classesText.tip }, h("span", {}, classesText.title), h("span", { class: "lucidw-seen-when" }, when));
  const el = h("details", { class: "lucidw-group lucidw-seen-group", "data-lucidw": `group-${part}` }, heading, h("div", { class: "lucidw-seen-body" }, list.el, impossible));
  /** The user's choice, until Python has confirmed it. @type {boolean | null} */
  let chosen = null;
  let open = true;
  let asked = "";
  let timer = 0;

  on(el, "toggle", () => {
    if (el.open === (chosen ?? open)) return;
    chosen = el.open;
    session.perform("set", { show_classes: el.open });
    session.touch();
  });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  /** Requests the classes of an image once. @param {[number, number] | null} key */
  function ask(key) {
    const name = key ? key.join() : "";
    if (name === asked) return;
    asked = name;
    clearTimeout(timer);
    if (!key || !session.hasKernel()) return;
    timer = window.setTimeout(() => session.command("classes", { key }, { quiet: true }).catch(() => {}), PAUSE);
  }

  return {
    el,

    /**
     * @param {WidgetState} state
     * @param {import("../../core/run/seen_classes.js").SeenImage | null} image the image that is shown
     */
    show(state, image) {
      const count = state._class_rows ?? 0;
      el.hidden = count === 0;
      if (chosen === Boolean(state.show_classes)) chosen = null;
      open = Boolean(state.show_classes);
      if (chosen === null) el.open = open;
      if (el.hidden || !el.open) return ask(null);
      const { entry, exact } = entryOf(state._classes ?? [], image);
      ask(image && !exact && !image.moving ? image.key : null);
      if (list.held && image?.moving && entry) return;
      const classes = rowOf(entry, image);
      const several = (entry?.rows.length ?? 0) > 1 && (image?.index ?? -1) < 0;
      const words = [entry && image ? image.when(entry.key) : "", several ? classesText.meanOf((entry?.rows.length ?? 1) - 1) : ""].filter(Boolean).join(" · ");
      setText(when, words);
      when.title = words;
      const none = Boolean(entry) && !classes.length;
      impossible.hidden = !none;
      list.el.toggleAttribute("inert", none);
      list.el.style.visibility = none ? "hidden" : "";
      list.show(classes, count, [classesText.title, words].filter(Boolean).join(", "));
    },
  };
}
