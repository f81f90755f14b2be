import { createSession } from "./session.js";
import { h } from "./views/base/dom.js";
import { isolateKeys } from "./views/base/keys.js";
import { createErrorCard } from "./views/controls/error_card.js";
import { text } from "./core/text/common.js";

/**
 * The context of a view, passed to its factory.
 * @typedef {object} Context
 * @property {import("./session.js").Session} session
 * @property {HTMLElement} root the view's outermost element
 * @property {AbortSignal} signal aborts when the view is removed; all its listeners end with it
 * @property {(target: EventTarget, type: string, listener: (event: any) => void, options?: AddEventListenerOptions) => void} on
 * @property {(part: string) => string} id an id for a part of this view, unique on the page
 * @property {(message: string) => void} announce announces a sentence to screen readers
 */

/**
 * @typedef {object} View
 * @property {HTMLElement | SVGElement} el
 * @property {(state: WidgetState, shown?: import("./views/canvas/image_view.js").ShownImage | null) => void} [update] shows the state, next to a canvas also the image that is shown; first called after the view was added to the page
 * @property {(state: WidgetState) => string} [label] accessible name of the widget
 */

let viewCount = 0;

/**
 * Returns the module that anywidget expects, made from a widget's traits and its view.
 *
 * @param {object} options
 * @param {(keyof WidgetState)[]} options.traits
 * @param {boolean} [options.streaming] whether Python produces images that the page requests
 * @param {(context: Context) => View} options.view
 * @param {typeof import("./views/grid/cell_images.js").createCellImages} [options.cellImages] for widgets that show many images
 */
export function defineWidget({ traits, streaming, view, cellImages }) {
  // anywidget calls this once per widget, but passes a different wrapper of the same model to `initialize` and to each
  // `render`. Other hosts may share one call between widgets; they pass the model itself.
  return () => {
    /** @type {Map<object, import("./session.js").Session>} */
    const sessions = new Map();

    /** @param {any} model */
    function sessionOf(model) {
      const known = sessions.get(model) ?? (sessions.size === 1 ? sessions.values().next().value : undefined);
      if (known) return known;
      const session = createSession({ model, traits, streaming, cellImages });
      sessions.set(model, session);
      return session;
    }

    return {
      /** @param {{model: any, signal?: AbortSignal}} props */
      initialize({ model, signal }) {
        if (!sessions.has(model)) sessions.set(model, createSession({ model, traits, streaming, cellImages }));
        const dispose = () => {
          sessions.get(model)?.dispose();
          sessions.delete(model);
        };
        signal?.addEventListener("abort", dispose, { once: true });
        return dispose;
      },

      /** @param {{model: any, el: HTMLElement, signal?: AbortSignal}} props */
      render({ model, el, signal }) {
        const dispose = mount(sessionOf(model), el, view);
        signal?.addEventListener("abort", dispose, { once: true });
        return dispose;
      },
    };
  };
}

/**
 * @param {import("./session.js").Session} session
 * @param {HTMLElement} el
 * @param {(context: Context) => View} build
 */
function mount(session, el, build) {
  const abort = new AbortController();
  const { signal } = abort;
  const prefix = `lucidw-${session.client}-${(viewCount += 1)}`;
  const live = h("div", { class: "lucidw-live-region", role: "status", "aria-live": "polite" });
  const root = h("section", { class: "lucidw", role: "group", tabindex: "-1" });
  /** @type {Context} */
  const context = {
    session,
    root,
    signal,
    on: (target, type, listener, options) => target.addEventListener(type, listener, { ...options, signal }),
    id: (part) => `${prefix}-${part}`,
    announce: (message) => {
      live.textContent = message;
    },
  };

  /** Shows the error in the view, because anywidget leaves an empty output when a widget throws. @param {unknown} error */
  function broken(error) {
    console.error(error);
    const card = createErrorCard(context, {});
    root.replaceChildren(card.el);
    card.show({
      title: text.brokenPage,
      message: String(error),
      hint: text.brokenPageHint,
      traceback: error instanceof Error ? (error.stack ?? "") : "",
    });
    dead = true;
  }

  let dead = false;
  const place = session.addView();
  try {
    const view = build(context);
    root.append(view.el, live);
    const update = () => {
      if (dead) return;
      try {
        const state = session.state();
        root.setAttribute("aria-label", view.label?.(state) ?? text.group(state.model_name || state.title || ""));
        if (state.status) root.dataset.status = state.status;
        view.update?.(state);
      } catch (error) {
        broken(error);
      }
    };
    isolateKeys(context);
    session.subscribe(update, signal);
    session.sharedCanvas.subscribe(update, signal);
    session.cellImages?.subscribe(update, signal);
    update();
  } catch (error) {
    broken(error);
  }
  el.append(root);
  watchVisibility(context, root, place);

  return () => {
    if (signal.aborted) return;
    abort.abort();
    place.remove();
    root.remove();
  };
}

/**
 * Tells the session whether this view is visible, since a page with no visible view requests no images.
 * @param {Context} context
 * @param {HTMLElement} root
 * @param {{setVisible: (visible: boolean) => void}} place
 */
function watchVisibility({ on, signal }, root, place) {
  let intersecting = false;
  const tell = () => place.setVisible(intersecting && !document.hidden);
  const observer = new IntersectionObserver((entries) => {
    intersecting = entries.at(-1)?.isIntersecting ?? false;
    tell();
  });
  observer.observe(root);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  on(document, "visibilitychange", tell);
}
