/**
 * Creates an element with attributes and children. Children are nodes or text and never parsed as HTML, so names from
 * models cannot inject markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | number>} [attributes] false omits an attribute, true sets it to ""
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
 * Sets the text of an element if it differs: assigning the same text would clear the user's selection. It keeps the node
 * of the text, since a browser looks through all rules with `:has()` for each node that comes or goes.
 * @param {Element} element
 * @param {string} value
 */
export function setText(element, value) {
  if (element.textContent === value) return;
  const only = element.firstChild;
  if (only instanceof Text && !only.nextSibling) only.data = value;
  else element.textContent = value;
}

/**
 * Sets the value of an input, and the largest one of a slider, if they differ: a browser would lay out the slider again,
 * and everything around it.
 * @param {{value: string, max?: string}} input
 * @param {string} value
 * @param {string} [max]
 */
export function setValue(input, value, max = input.max) {
  if (input.max !== max) input.max = max;
  if (input.value !== value) input.value = value;
}

/**
 * Enables or disables a button through `aria-disabled`. A button with `disabled` would lose the focus to the notebook, where
 * the next key edits cells.
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
