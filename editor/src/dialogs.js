// Questions that the editor asks in a window of its own.
import { h } from "./dom.js";

/**
 * Ask something. `build(close)` returns the dialog's content; `close(value)` ends it.
 *
 * Returns a promise of the value, undefined when the dialog was left.
 */
export function ask(title, build, { wide = false } = {}) {
  return new Promise((resolve) => {
    const id = `dialog-${Math.random().toString(36).slice(2)}`;
    const box = h("dialog", { class: wide ? "dialog wide" : "dialog", "aria-labelledby": id });
    const close = (value) => {
      box.close();
      box.remove();
      resolve(value);
    };
    box.addEventListener("cancel", () => close(undefined));
    box.append(h("h2", { id }, title), ...[build(close)].flat().filter(Boolean));
    document.body.append(box);
    box.showModal();
  });
}

/** The two buttons at the foot of a dialog. */
export function choices(close, label, value = () => true, attributes = {}) {
  return h(
    "p",
    { class: "choices" },
    h("button", { type: "submit", class: "primary", ...attributes }, label),
    h("button", { type: "button", onclick: () => close(undefined) }, "Cancel"),
  );
}

/** Say something, and go on when the person has read it. Returns a promise of true, or undefined when it was left. */
export function confirm(title, text, label = "OK") {
  return ask(title, (close) => [
    ...[text].flat().map((part) => (typeof part === "string" ? h("p", {}, part) : part)),
    h("form", { onsubmit: (event) => { event.preventDefault(); close(true); } }, choices(close, label)),
  ]);
}

/** A labelled field with its hint. */
export function field(label, control, hint) {
  const id = control.id || `field-${Math.random().toString(36).slice(2)}`;
  control.id = id;
  const help = hint && h("span", { class: "hint", id: `${id}-hint` }, hint);
  if (help) control.setAttribute("aria-describedby", help.id);
  return h("p", { class: "field" }, h("label", { for: id }, label), help, control);
}

/** Let the person choose one of `options` ([{value, label, note}]), with a box that narrows the list down. */
export function chooser(options, onChoose, label = "Find") {
  const list = h("ul", { class: "chooser" });
  const search = h("input", { type: "search", placeholder: "Type to find", autocomplete: "off", "aria-label": label });
  const show = () => {
    const wanted = search.value.trim().toLowerCase();
    list.replaceChildren(
      ...options
        .filter((option) => `${option.label} ${option.note || ""}`.toLowerCase().includes(wanted))
        .map((option) =>
          h("li", {}, h("button", { type: "button", onclick: () => onChoose(option) },
            h("span", {}, option.label), option.note && h("small", {}, option.note)))),
    );
  };
  search.addEventListener("input", show);
  show();
  return [search, list];
}
