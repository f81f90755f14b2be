import { formatCount } from "../../core/text/format.js";
import { text } from "../../core/text/common.js";
import { createButton } from "../controls/button.js";
import { createNumberField } from "../controls/number_field.js";
import { h, setText, setUsable } from "../base/dom.js";

/** Time in ms for which the note about a clamped channel stays, unless the user goes on earlier. */
const NOTE_FOR = 8000;

/**
 * A number field for the channel, with buttons for the previous and next channel and the number of channels.
 * @param {import("../../widget.js").Context} context
 */
export function createChannelPicker(context) {
  const { session, signal, on, root } = context;
  const field = createNumberField(context, { name: "channel", label: text.channel, tip: text.channelTip(""), min: 0, eager: true });
  const less = createButton(context, {
    name: "channel-less",
    label: text.previousChannel,
    tip: text.previousChannel,
    glyph: "minus",
    look: "lucidw-square",
    bare: true,
    press: () => field.nudge(-1),
  });
  const more = createButton(context, {
    name: "channel-more",
    label: text.nextChannel,
    tip: text.nextChannel,
    glyph: "plus",
    look: "lucidw-square",
    bare: true,
    press: () => field.nudge(1),
  });
  const range = h("span", { class: "lucidw-range" });
  const note = h("p", { class: "lucidw-problem lucidw-clamped", role: "status", "data-lucidw": "clamped", hidden: true });
  let before = { layer: "", channel: -1 };
  /** @type {unknown} */
  let timer = null;

  /** The note lies on the controls below it, so it leaves as soon as the user goes on. */
  function hideNote() {
    if (timer !== null) session.clock.stop(timer);
    timer = null;
    note.hidden = true;
  }
  on(root, "pointerdown", hideNote);
  on(root, "keydown", hideNote);
  signal.addEventListener("abort", hideNote, { once: true });

  const el = h(
    "div",
    { class: "lucidw-channel" },
    h("div", { class: "lucidw-heading" }, text.channel),
    h("div", { class: "lucidw-spin" }, less.el, field.el, more.el, range),
    field.problem,
    note,
  );
  return {
    el,

    /** @param {WidgetState} state */
    update({ layer, channel, _channel_count: count }) {
      const single = layer !== "";
      const last = count > 0 ? count - 1 : null;
      for (const part of [less, field, more]) part.el.hidden = !single;
      if (!single) field.forget();
      if (layer !== before.layer || channel !== before.channel) {
        const clamped = single && before.layer !== "" && layer !== before.layer && last !== null && before.channel > last && channel === last;
        hideNote();
        setText(note, clamped ? text.clamped(layer, before.channel, last) : "");
        note.hidden = !clamped;
        if (clamped) timer = session.clock.start(hideNote, NOTE_FOR);
        before = { layer, channel };
      }
      setUsable(less.el, channel > 0);
      setUsable(more.el, last === null || channel < last);
      field.el.title = text.channelTip(last === null ? "" : formatCount(last));
      setText(range, !single ? text.inExpression : last === null ? "" : text.ofChannels(formatCount(count)));
      field.show(channel, last);
    },
  };
}
