import { h } from "./dom.js";

/**
 * A progress bar.
 * @param {string} [label] its name for screen readers
 */
export function createTrack(label = "") {
  const bar = h("div", { class: "lucidw-bar" });
  const el = h("div", { class: "lucidw-track", role: "progressbar", "aria-label": label, "aria-valuemin": 0 }, bar);
  return {
    el,

    /**
     * @param {number} done
     * @param {number} total 0 if it is unknown
     * @param {boolean} [waiting] whether the bar only shows that something is under way
     */
    show(done, total, waiting = total === 0) {
      el.classList.toggle("lucidw-waiting", waiting);
      // A browser divides the whole page into layers again when a transform or a size changes, but not for a background.
      bar.style.setProperty("--share", waiting ? "" : `${total ? Math.min(100, (100 * done) / total) : 0}%`);
      // A progress bar without a value is indeterminate.
      for (const [name, value] of /** @type {const} */ ([["aria-valuemax", total], ["aria-valuenow", Math.min(done, total)]])) {
        if (total) el.setAttribute(name, String(value));
        else el.removeAttribute(name);
      }
    },
  };
}
