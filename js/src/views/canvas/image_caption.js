import { formatCount, formatObjective } from "../../core/text/format.js";
import { nameAt, outdated } from "../../core/run/made_by.js";
import { shortName } from "../../core/objective/short_name.js";
import { ACTIVE } from "../../core/wire/stream.js";
import { text } from "../../core/text/common.js";
import { h, setText } from "../base/dom.js";

/**
 * The line under the image: the run that made it. After a change of settings, it also says how to apply them.
 *
 * @param {ReturnType<typeof import("./image_view.js").createImageView>} imageView
 */
export function createImageCaption(imageView) {
  const now = h("span", { class: "lucidw-caption-now", "aria-hidden": "true" }, text.now);
  const name = h("strong");
  const facts = h("span", { class: "lucidw-caption-facts" });
  const el = h("p", { class: "lucidw-image-caption", "data-lucidw": "caption", hidden: true }, now, name, facts);

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const shown = imageView.shown;
      const run = /** @type {import("../../core/run/made_by.js").MadeBy | undefined} */ (shown?.made_by);
      el.hidden = !shown || run?.expression === undefined;
      if (!shown || !run || el.hidden) return;
      const made = nameAt(run, shown.step);
      const moved = ACTIVE.has(state.status) ? "" : outdated(run, state);
      const button = state.status === "paused" ? text.buttons.resume : text.buttons.run;
      const words = [
        formatObjective(shown.objective),
        text.pinnedAt(formatCount(shown.step)),
        text.seedIs(run.seed),
        ...(run.steered ? [text.steered] : []),
        ...(run.stored ? [text.storedIn(run.stored)] : []),
        run.model,
      ];
      el.classList.toggle("lucidw-outdated", moved !== "");
      setText(name, moved ? text.shows(made) : made);
      setText(
        facts,
        moved === "objective"
          ? text.pressFor(button, shortName(state.expression))
          : moved
            ? text.pressToApply(button)
            : words.filter((each) => each && each !== text.nothing).join(" · "),
      );
      el.title = [made, ...words].filter((each) => each && each !== text.nothing).join(" · ");
    },
  };
}
