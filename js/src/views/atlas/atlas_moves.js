import { neighbor, scaleOf, zoomedAt } from "../../core/atlas/view.js";

/** @typedef {import("../../core/atlas/view.js").View} View */

/** Factor of a key or a button, and of a turn of the wheel by 100 pixels. */
export const STEP = 1.5;
const WHEEL = 1.35;
/** Share of the view by which Shift and an arrow key move the map. */
const SHIFT = 0.2;
/** Pixels that a pointer may move in a click. */
const CLICK = 5;

/** Down and across. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * Moves the map by pointers, wheel and keys.
 *
 * @param {import("../../widget.js").Context} context
 * @param {HTMLElement} el what is dragged
 * @param {object} map
 * @param {() => View} map.view
 * @param {() => {width: number, height: number}} map.size
 * @param {() => number} map.most the largest magnification
 * @param {(view: View) => void} map.move
 * @param {() => void} map.rest called when a movement has ended
 * @param {(left: number, top: number) => void} map.point the pointer is at a point of the view
 * @param {(left: number, top: number) => void} map.click
 * @param {() => void} map.whole
 * @param {(choose: (places: Int32Array, from: number) => number) => void} map.step moves the cursor to another cell
 * @param {() => void} map.keep keeps the cell of the cursor
 * @param {() => boolean} map.letGo returns whether there was a cell to let go
 */
export function addMoves({ on, session, signal }, el, map) {
  /** @type {Map<number, {left: number, top: number}>} */
  const pointers = new Map();
  let moved = 0;
  /** @type {unknown} */
  let resting = null;

  /** @param {PointerEvent | WheelEvent} event */
  function at(event) {
    const box = el.getBoundingClientRect();
    return { left: event.clientX - box.left, top: event.clientY - box.top };
  }

  function restSoon() {
    session.clock.stop(resting);
    resting = session.clock.start(() => {
      resting = null;
      map.rest();
    }, 250);
  }
  signal.addEventListener("abort", () => session.clock.stop(resting));

  /** @param {number} factor @param {number} left @param {number} top */
  function zoom(factor, left, top) {
    map.move(zoomedAt(map.view(), map.size(), factor, left, top, map.most()));
    restSoon();
  }

  /** @param {number} across in pixels @param {number} down */
  function shift(across, down) {
    const view = map.view();
    const scale = scaleOf(view, map.size());
    map.move({ ...view, x: view.x + across / scale, y: view.y + down / scale });
    restSoon();
  }

  on(el, "pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    if (!pointers.size) moved = 0;
    pointers.set(event.pointerId, at(event));
    el.setPointerCapture(event.pointerId);
    el.focus({ preventScroll: true });
  });
  on(el, "pointermove", (/** @type {PointerEvent} */ event) => {
    const before = pointers.get(event.pointerId);
    const now = at(event);
    if (!before) {
      if (event.pointerType !== "touch") map.point(now.left, now.top);
      return;
    }
    const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    pointers.set(event.pointerId, now);
    moved += Math.hypot(now.left - before.left, now.top - before.top);
    const other = others[0];
    if (other) {
      const apart = (/** @type {{left: number, top: number}} */ point) => Math.max(1, Math.hypot(point.left - other.left, point.top - other.top));
      zoom(apart(now) / apart(before), (now.left + other.left) / 2, (now.top + other.top) / 2);
    }
    if (moved > CLICK || other) {
      el.dataset.dragging = "true";
      const share = other ? 0.5 : 1;
      shift(share * (before.left - now.left), share * (before.top - now.top));
    }
  });
  for (const type of ["pointerup", "pointercancel"]) {
    on(el, type, (/** @type {PointerEvent} */ event) => {
      if (!pointers.delete(event.pointerId)) return;
      delete el.dataset.dragging;
      const { left, top } = at(event);
      if (type === "pointerup" && moved <= CLICK && !pointers.size) map.click(left, top);
      else map.rest();
    });
  }
  on(
    el,
    "wheel",
    (/** @type {WheelEvent} */ event) => {
      // Without the focus and without Ctrl, which touchpads set when two fingers spread, the wheel scrolls the page.
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== el) return;
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1);
      if (pixels > 0 && map.view().zoom <= 1 && !event.ctrlKey) return;
      event.preventDefault();
      const { left, top } = at(event);
      zoom(WHEEL ** (-pixels / (event.ctrlKey ? 40 : 100)), left, top);
    },
    { passive: false },
  );
  on(el, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { width, height } = map.size();
    const arrow = ARROWS[event.key];
    if (arrow && event.shiftKey) shift(arrow[1] * SHIFT * width, arrow[0] * SHIFT * height);
    else if (arrow) map.step((places, from) => neighbor(places, from, ...arrow));
    else if (event.key === "+" || event.key === "=") zoom(STEP, width / 2, height / 2);
    else if (event.key === "-") zoom(1 / STEP, width / 2, height / 2);
    else if (event.key === "Home") map.whole();
    else if (event.key === "Enter" || event.key === " ") map.keep();
    else if (event.key !== "Escape" || !map.letGo()) return;
    event.preventDefault();
  });

  return {
    /** Magnifies around the middle. @param {number} factor */
    zoom: (factor) => zoom(factor, map.size().width / 2, map.size().height / 2),
  };
}
