import { mapOf, unpack, valuesAt } from "../../core/explorer/packed.js";
import { formatPercent } from "../../core/run/seen_classes.js";
import { explorerText, photoText } from "../../core/text/explorer.js";
import { formatObjective } from "../../core/text/format.js";
import { toBytes } from "../../core/wire/bytes.js";
import { h, setText } from "../base/dom.js";
import { createButton } from "../controls/button.js";
import { single } from "./heat.js";
import { createImagePanel } from "./image_panel.js";
import { createImageSource } from "./image_source.js";
import { createLook } from "./look.js";

/** Traits that `createPhotoMap` reads. @type {(keyof LucidWidgetTraits)[]} */
export const PHOTO_TRAITS = ["photo", "show_photo", "_photo_name", "_photo_samples", "_fires", "_fires_map", "_fires_own"];

/**
 * Where the unit of the workbench fires in an image of the user's, in a group that folds. While it is folded, Python computes
 * nothing.
 *
 * @param {import("../../widget.js").Context} context
 */
export function createPhotoMap(context) {
  const { session, on } = context;
  const look = createLook(context);
  const zone = h("div", { class: "lucidw-sided lucidw-photo" });
  /** The position that the keyboard has chosen; null for the peak. @type {[number, number] | null} */
  let chosen = null;
  /** @type {WidgetState} */
  let state = /** @type {any} */ ({});
  /** @type {{source: unknown, about: unknown, map: import("../../core/explorer/packed.js").Packed | null}} */
  let known = { source: null, about: null, map: null };

  const atPeak = () => choose(null);
  const panel = createImagePanel(context, look, { choose, pin: atPeak, unpin: atPeak }, { trait: "photo", tip: photoText.imageTip });
  const source = createImageSource(context, { trait: "photo", upload: "upload_photo", zone });
  const sentence = h("p", { class: "lucidw-photo-sentence", "data-lucidw": "photo-sentence" });
  const share = h("p", { class: "lucidw-explorer-note" });
  const bars = h("dl", { class: "lucidw-photo-bars" });
  const here = createBar("here");
  const there = createBar("there");
  const own = createBar("own");
  bars.append(there.el, own.el, here.el);
  const compared = h("p", { class: "lucidw-explorer-note", "data-lucidw": "photo-compared" });
  const again = createButton(context, { name: "photo-again", label: photoText.again, tip: photoText.again, press: () => session.perform("retry_photo") });
  const figures = h("div", { class: "lucidw-photo-figures" }, sentence, bars, compared, share, again.el);
  zone.append(h("div", { class: "lucidw-photo-image" }, panel.el, source.el), figures);
  const summary = h("span", { class: "lucidw-summary" });
  const el = h("details", { class: "lucidw-group lucidw-photo-group", "data-lucidw": "group-photo" }, h("summary", { title: photoText.tip }, h("span", {}, photoText.title), summary), zone);
  /** The user's choice, until Python has confirmed it. @type {boolean | null} */
  let wanted = null;
  let open = false;

  on(el, "toggle", () => {
    if (el.open === (wanted ?? open)) return;
    wanted = el.open;
    session.perform("set", { show_photo: el.open });
    session.touch();
  });
  look.subscribe(draw);
  on(panel.el, "lucidw-resized", draw);

  /** @param {[number, number] | null} position */
  function choose(position) {
    chosen = position;
    draw();
  }

  /** The activation at each position; null while it is unknown. */
  function map() {
    const about = state._fires;
    const bytes = session.get("_fires_map");
    if (known.source !== bytes || known.about !== about) known = { source: bytes, about, map: about?.state === "ready" ? unpack(about, toBytes(bytes)) : null };
    return known.map;
  }

  function draw() {
    if (!el.open) return;
    const fires = state._fires ?? {};
    const found = map();
    const unit = `${fires.layer}:${fires.channel}`;
    const places = found ? fires.places : null;
    const spatial = Boolean(places?.spatial);
    if (chosen && places && (chosen[0] >= places.rows || chosen[1] >= places.columns)) chosen = null;
    // The panel and the look read the traits of an explorer.
    const shown = /** @type {any} */ ({ view: "fires", layer: fires.layer, position: chosen ?? fires.peak ?? [0, 0], pins: [], image_name: state._photo_name ?? "", _samples: state._photo_samples, _places: places });
    source.show(shown);
    panel.show(shown, found && spatial && fires.value !== 0 ? single(mapOf(found, 0), found) : null);
    panel.el.hidden = !toBytes(session.get("photo")).length;
    panel.el.setAttribute("aria-label", [photoText.figure(unit, shown.image_name), spatial ? placeOf(look.position(shown)) : ""].filter(Boolean).join(", "));
    zone.toggleAttribute("data-waiting", fires.state === "waiting" || (Boolean(found) && (fires.layer !== state.layer || fires.channel !== state.channel)));
    again.el.hidden = fires.state !== "failed";
    setText(sentence, sentenceOf(fires, unit, spatial));
    bars.hidden = compared.hidden = !found;
    share.hidden = !found || !spatial || !(fires.value > 0);
    if (!found) return;
    setText(share, photoText.share(formatPercent(fires.share)));
    const ownValue = state._fires_own?.layer === fires.layer && state._fires_own.channel === fires.channel && state._fires_own.step > 0 ? state._fires_own.value : null;
    const aimed = spatial ? (look.aimed(shown) ?? chosen) : null;
    const value = aimed ? (valuesAt(found, aimed)[0] ?? 0) : null;
    const most = Math.max(fires.value, ownValue ?? 0, 1e-12);
    there.show(spatial ? photoText.there : photoText.value, fires.value, most);
    own.show(photoText.own, ownValue, most);
    here.show(aimed ? `${photoText.here} (${placeOf(aimed)})` : photoText.here, value, most);
    here.el.style.visibility = value === null ? "hidden" : "";
    here.el.hidden = !spatial;
    setText(compared, comparison(fires.value, ownValue));
  }

  return {
    el,

    /** @param {WidgetState} newest */
    update(newest) {
      state = newest;
      if (wanted === Boolean(state.show_photo)) wanted = null;
      open = Boolean(state.show_photo);
      if (wanted === null) el.open = open;
      setText(summary, state._photo_name ?? "");
      draw();
    },
  };
}

/** @param {number[]} position */
function placeOf([row = 0, column = 0]) {
  return explorerText.at(row, column);
}

/** @param {Record<string, any>} fires @param {string} unit @param {boolean} spatial */
function sentenceOf(fires, unit, spatial) {
  if (fires.state === "failed") return [photoText.failed, fires.message, fires.hint].filter(Boolean).join(" ");
  if (fires.state === "no unit") return photoText.noUnit;
  if (fires.state !== "ready") return photoText.waiting;
  if (fires.value === 0) return photoText.silent(unit);
  return spatial ? photoText.peak(unit, placeOf(fires.peak)) : photoText.whole(fires.layer);
}

/** @param {number} peak @param {number | null} own */
function comparison(peak, own) {
  if (own === null) return photoText.noOwn;
  if (!(peak > 0) || !(own > 0)) return "";
  const factor = own / peak;
  return factor >= 1 ? photoText.times(factor.toPrecision(factor >= 100 ? 3 : 2)) : photoText.less(formatPercent(factor));
}

/** A name, a value and a bar. @param {string} name for tests */
function createBar(name) {
  const term = h("dt");
  const number = h("span", { class: "lucidw-explorer-value" });
  const bar = h("span", { class: "lucidw-explorer-bar" });
  const el = h("div", { class: "lucidw-bar-row lucidw-photo-bar", "data-lucidw": `photo-${name}` }, term, h("dd", {}, h("span", { class: "lucidw-explorer-track" }, bar), number));
  return {
    el,
    /** @param {string} words @param {number | null} value @param {number} most */
    show(words, value, most) {
      setText(term, words);
      setText(number, value === null ? "–" : formatObjective(value));
      bar.style.width = value === null ? "0" : `${Math.max(1, (100 * Math.max(0, value)) / most)}%`;
    },
  };
}
