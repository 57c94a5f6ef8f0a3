// Small helpers to build HTML without a framework.

/** Return a new element: `h("button", { class: "primary", onclick: save }, "Save")`. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Replace everything inside `element` with `children`. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

/** Return a function that calls `action` once, `pause` milliseconds after its last call. */
export function debounce(action, pause) {
  let timer;
  const debounced = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), pause);
  };
  debounced.cancel = () => clearTimeout(timer);
  return debounced;
}

/**
 * Set the text of `element`, if it differs.
 *
 * WebKit drops a click when the button's text is replaced while it is pressed, which happens when a field loses focus.
 */
export function setWords(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

let toastTimer;

/** Hide the message of an earlier action. */
export const hideMessage = () => (document.getElementById("message").hidden = true);

/** Show a short message at the foot of the window for 8 seconds; screen readers announce it. */
export function notify(text) {
  const box = document.getElementById("message");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), 8000);
}
