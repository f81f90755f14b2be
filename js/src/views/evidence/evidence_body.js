import { formatCount, formatObjective } from "../../core/text/format.js";
import { evidenceText } from "../../core/text/evidence.js";
import { createChoice } from "../controls/choice.js";
import { createRadioRow } from "../controls/radio_row.js";
import { h, setText } from "../base/dom.js";
import { createHistogram } from "./histogram.js";
import { createImageTiles } from "./image_tiles.js";
import { createIndexProgress } from "./index_progress.js";
import { createRelevance } from "./relevance.js";

/** Traits that `createEvidenceBody` reads. @type {(keyof LucidWidgetTraits & keyof EvidencePanelTraits)[]} */
export const EVIDENCE_TRAITS = ["show_evidence", "_evidence", "_evidence_crops", "_evidence_wholes", "_evidence_value", "_evidence_build", "_sensitivity", "relevant_to", "_relevance", "stop_at", "report", "_check"];

/**
 * The real images of a unit, their histogram and figures; or, until the index is there, how it is made.
 *
 * @param {import("../../widget.js").Context} context
 * @param {{own?: boolean}} [options] `own`: whether there is an image of a run to compare
 */
export function createEvidenceBody(context, { own = false } = {}) {
  const { session } = context;
  /** What is chosen: a kind of images, or "class" for the top images in the order of their relevance to a class. */
  let kind = "most";
  const tiles = createImageTiles(context);
  const histogram = createHistogram();
  const kinds = createRadioRow(context, {
    name: "evidence-kind",
    label: evidenceText.kindsLabel,
    choices: own ? { ...evidenceText.kinds, class: evidenceText.forClass } : evidenceText.kinds,
    tips: evidenceText.kindTips,
    choose: (value) => {
      kind = value;
      if (kind !== "class") relevance.leave();
      session.touch();
    },
  });
  kinds.show(kind);
  const relevance = createRelevance(context);
  const words = h("p", { class: "lucidw-evidence-own", "data-lucidw": "evidence-own" });
  const stop = createChoice(context, { name: "stop_at", label: evidenceText.stopAt, tip: evidenceText.stopAtTip, read: (value) => (value === "" ? null : Number(value)) });
  stop.offer(evidenceText.stopChoices);
  const stopField = h("div", { class: "lucidw-evidence-stop", hidden: !own }, h("span", { "aria-hidden": "true" }, evidenceText.stopAt), stop.el, stop.problem);
  const reached = h("p", { class: "lucidw-evidence-source", role: "status", hidden: true }, evidenceText.stopped_at);
  const facts = h("dl", { class: "lucidw-evidence-facts" });
  const dead = h("p", { class: "lucidw-evidence-dead", hidden: true });
  const source = h("p", { class: "lucidw-evidence-source" });
  const found = h(
    "div",
    { class: "lucidw-sided lucidw-evidence" },
    h("div", { class: "lucidw-evidence-images" }, kinds.el, relevance.el, tiles.el),
    h("div", { class: "lucidw-evidence-figures" }, h("span", { class: "lucidw-heading" }, evidenceText.activation), histogram.el, words, stopField, reached, dead, facts, source),
  );
  const making = createIndexProgress(context);
  const el = h("div", {}, found, making.el);

  /** @param {Record<string, any>} about */
  function rows(about) {
    const { facts: names, factTips: tips } = evidenceText;
    const selective = about.selectivity === null || about.selectivity === undefined ? null : evidenceText.selective(about.selectivity.toFixed(2), about.label);
    return /** @type {[string, string, string | null][]} */ ([
      [names.max, tips.max, formatObjective(about.max)],
      [names.mean, tips.mean, formatObjective(about.mean)],
      [names.zeros, tips.zeros, evidenceText.share(Math.round(100 * about.zeros))],
      [names.sparsity, tips.sparsity, about.sparsity === null ? null : about.sparsity.toFixed(2)],
      [names.selectivity, tips.selectivity, selective],
    ]).flatMap(([name, tip, value]) => (value === null ? [] : [h("div", { title: tip }, h("dt", {}, name), h("dd", {}, value))]));
  }

  /** @type {unknown} */
  let shown = null;

  return {
    el,

    /** @param {WidgetState} state */
    update(state) {
      const about = state._evidence ?? {};
      const build = state._evidence_build ?? {};
      const has = Boolean(about.unit) && build.state !== "no unit";
      found.hidden = !has;
      if (has) {
        if (own && relevance.isNew(state)) kinds.show((kind = "class"));
        const byClass = kind === "class";
        relevance.update(state, byClass);
        tiles.show(state, byClass ? "most" : /** @type {import("./image_tiles.js").Kind} */ (kind), byClass ? relevance.order(state) : null);
        histogram.show(state);
        const value = state._evidence_value ?? {};
        words.hidden = !own && !value.words;
        setText(words, value.words ? evidenceText.own(formatObjective(value.value), value.words) : evidenceText.noOwn);
        if (own) {
          const wanted = state.stop_at ?? "";
          if (!evidenceText.stopChoices.some(([choice]) => choice === String(wanted))) stop.offer([...evidenceText.stopChoices, [String(wanted), `${wanted} %`]]);
          stop.show(wanted);
        }
        reached.hidden = !value.stopped;
        dead.hidden = !about.dead;
        setText(dead, evidenceText.dead(formatCount(about.images)));
        if (shown !== about) {
          facts.replaceChildren(...rows(about));
          // Not for what was asked for ahead itself, whose traits are still under way.
          if (about.unit === `${state.layer}:${state.channel}` && session.hasKernel()) {
            session.ahead.look(state.layer, state.channel, state._channel_count, JSON.stringify([state.model_name, about.set, about.images]));
          }
        }
        shown = about;
        setText(source, evidenceText.source(about.images, about.set));
      }
      making.show(build, has);
    },
  };
}
