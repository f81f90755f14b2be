/**
 * An element with attributes and children. Children are nodes or text, never markup, so names that come from models
 * cannot become part of the page.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | number>} [attributes] false leaves one out, true sets it empty
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Sets text only where it differs: assigning the same text again would end a selection made in it.
 * @param {Element} element
 * @param {string} value
 */
export function setText(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/**
 * A button that means nothing now keeps the focus; a disabled one would drop it into the notebook, where the next key
 * edits cells.
 * @param {HTMLElement} element
 * @param {boolean} usable
 */
export function setUsable(element, usable) {
  element.setAttribute("aria-disabled", String(!usable));
}

/** @param {Element} element */
export function isUsable(element) {
  return element.getAttribute("aria-disabled") !== "true";
}
