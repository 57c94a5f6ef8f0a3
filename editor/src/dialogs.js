// Dialogs, and the fields in them.
import { h } from "./dom.js";
import { thumbnail } from "./thumbnail.js";

/**
 * Show a dialog with the content that `build(close)` returns; `close(value)` closes it.
 *
 * Returns a promise of the value, or of undefined if the dialog was cancelled.
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

/** Return the two buttons at the foot of a dialog: `label`, which submits its form, and Cancel. */
export function choices(close, label) {
  return h(
    "p",
    { class: "choices" },
    h("button", { type: "submit", class: "primary" }, label),
    h("button", { type: "button", onclick: () => close(undefined) }, "Cancel"),
  );
}

/** Show a message until the person confirms it. Returns a promise of true, or of undefined if it was cancelled. */
export function confirm(title, text, label = "OK") {
  return ask(title, (close) => [
    ...[text].flat().map((part) => (typeof part === "string" ? h("p", {}, part) : part)),
    h("form", { onsubmit: (event) => { event.preventDefault(); close(true); } }, choices(close, label)),
  ]);
}

/** Return a labelled field with its hint. */
export function field(label, control, hint) {
  const id = control.id || `field-${Math.random().toString(36).slice(2)}`;
  control.id = id;
  const help = hint && h("span", { class: "hint", id: `${id}-hint` }, hint);
  if (help) control.setAttribute("aria-describedby", help.id);
  return h("p", { class: "field" }, h("label", { for: id }, label), help, control);
}

/** Return a list of `options` ([{value, label, note, picture}]) from which to choose one, and a box that filters it. */
export function chooser(options, onChoose, label = "Find") {
  const list = h("ul", { class: "chooser" });
  const search = h("input", { type: "search", placeholder: "Type to find", autocomplete: "off", "aria-label": label });
  const rows = options.map((option) => ({
    text: `${option.label} ${option.note || ""}`.toLowerCase(),
    element: h("li", {}, h("button", { type: "button", onclick: () => onChoose(option) },
      option.picture && thumbnail(option.picture), h("span", {}, option.label), option.note && h("small", {}, option.note))),
  }));
  const show = () => {
    const searchText = search.value.trim().toLowerCase();
    list.replaceChildren(...rows.filter((row) => row.text.includes(searchText)).map((row) => row.element));
  };
  search.addEventListener("input", show);
  show();
  return [search, list];
}
