import { formatDuration } from "../../core/text/format.js";
import { networkText } from "../../core/text/network.js";
import { h, setText } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { createButton } from "../controls/button.js";

/** Interval in ms in which the seconds are counted, and hosts in which Python cannot push are asked for news. */
const TICK = 1000;

/**
 * A line over the image: which network is on its way, how far it is, and why it did not arrive.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{open: () => void}} menu
 */
export function createNetworkLine(context, menu) {
  const { session, signal } = context;
  const words = h("span", { class: "lucidw-network-line-words" });
  const hint = h("span", { class: "lucidw-network-line-hint" });
  const bar = h("progress", { class: "lucidw-network-bar", "aria-hidden": "true", max: "1" });
  const glyph = h("span", { class: "lucidw-network-glyph" });
  const cancel = createButton(context, { name: "network-cancel", label: networkText.cancel, tip: networkText.cancelTip, press: dismiss });
  const again = createButton(context, { name: "network-again", label: networkText.again, tip: networkText.againTip, press: menu.open });
  const close = createButton(context, { name: "network-dismiss", label: networkText.dismiss, tip: networkText.dismiss, glyph: "close", look: "lucidw-square lucidw-plain", bare: true, press: () => session.perform("cancel_network") });
  const el = h("div", { class: "lucidw-network-line", role: "status", "data-lucidw": "network-line", hidden: true }, glyph, h("span", { class: "lucidw-network-line-text" }, words, hint), h("span", { class: "lucidw-network-line-buttons" }, cancel.el, again.el, close.el), bar);
  let began = 0;
  let key = "";
  let timer = 0;
  let waiting = "";
  let shownGlyph = "";
  // The network that was canceled, until Python confirms it: it may be busy with loading.
  let canceled = "";

  function dismiss() {
    canceled = session.get("_loading")?.name ?? "";
    el.hidden = true;
    session.perform("cancel_network");
  }

  /** @param {"spinner" | "warning"} name */
  function showGlyph(name) {
    if (name === shownGlyph) return;
    shownGlyph = name;
    glyph.replaceChildren(icon(name));
  }

  function count() {
    const loading = session.get("_loading");
    if (!loading?.name) return;
    const seconds = Math.round((performance.now() - began) / 1000);
    if (loading.phase === "loading") setText(words, networkText.loading(loading.name, seconds >= 2 ? formatDuration(seconds) : ""));
  }

  signal.addEventListener("abort", () => clearInterval(timer));

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const loading = state._loading ?? {};
      const problem = state._network_problem ?? {};
      if (loading.name !== canceled) canceled = "";
      const busy = loading.name !== undefined && !canceled;
      const failed = !busy && problem.message !== undefined;
      el.hidden = !busy && !failed;
      el.classList.toggle("lucidw-failed", failed);
      cancel.el.hidden = !busy;
      again.el.hidden = close.el.hidden = !failed;
      bar.hidden = !busy;
      if (waiting && !busy && !failed && state.model_name) context.announce(networkText.ready(state.model_name));
      waiting = busy ? loading.name : "";
      if (!busy) {
        clearInterval(timer);
        timer = 0;
        key = "";
      }
      if (failed) {
        showGlyph("warning");
        setText(words, problem.title ? networkText.failed(problem.name ?? "", problem.message ?? "") : (problem.message ?? ""));
        setText(hint, problem.hint ?? "");
        hint.hidden = !problem.hint;
      }
      if (!busy) return;
      showGlyph("spinner");
      setText(hint, networkText.meanwhile);
      hint.hidden = false;
      if (key !== `${loading.name} ${loading.phase}`) {
        key = `${loading.name} ${loading.phase}`;
        began = performance.now();
        timer ||= window.setInterval(count, TICK);
      }
      if (loading.phase === "downloading") {
        const left = loading.left ? networkText.left(formatDuration(Math.max(1, Math.round(loading.left)))) : "";
        setText(words, networkText.downloading(loading.name, networkText.doneOf(loading.done ?? 0, loading.total ?? 0), left));
      } else count();
      if (loading.total) bar.value = loading.done / loading.total;
      else bar.removeAttribute("value");
    },
  };
}
