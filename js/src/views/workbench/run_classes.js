import { formatCount } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { ACTIVE } from "../../core/wire/stream.js";
import { createClassPanel } from "../model/class_panel.js";

/**
 * The classes that the network sees in the image of a run. They belong to the image, not to the settings, and name its step.
 * Pressing one makes it the objective.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createRunClasses(context) {
  const panel = createClassPanel(context, { press: (index) => context.session.perform("maximize_class", { index }) });
  return {
    el: panel.el,

    /** @param {WidgetState} state @param {import("../canvas/image_view.js").ShownImage | null} [shown] */
    update(state, shown = null) {
      const run = shown?.made_by?.id;
      if (!shown || run === undefined) return panel.show(state, null);
      panel.show(state, {
        key: [run, shown.step],
        moving: !shown.pinned && ACTIVE.has(state.status),
        follows: !shown.pinned,
        index: state.shown ?? -1,
        when: ([, step]) => text.pinnedAt(formatCount(step)),
      });
    },
  };
}
