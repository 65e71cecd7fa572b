/** Makes and fills elements of the page; texts are set as texts, never as HTML. */

/** The element with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Makes an element with properties (a `class`, attributes with a dash, or properties) and children. */
export function make(name, { class: className, ...properties } = {}, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-")) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/** Shows an element or hides it. */
export function show(element, visible) {
  element.hidden = !visible;
}

/** Sets a text if it is another, so that a screen reader says it once. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
