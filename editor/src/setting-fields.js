// The fields of the settings forms: one for each kind of value that the schema knows.
import { field as labelled } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { pictureField } from "./picture-field.js";

const INPUT_TYPES = { email: "email", phone: "tel", url: "url", date: "date", number: "number", line: "text" };
const text = (value) => (value === null || value === undefined ? "" : String(value));

/**
 * Return a field: `element`, `name` and `showProblem(words)`.
 *
 * `onChange(value, differs)` is told each value, and whether it is another than the saved one. `draft` is a value that was
 * typed before and not published.
 */
export function makeField(field, draft, onChange) {
  const initial = draft ?? field.value;
  const error = h("p", { class: "error", role: "alert" });
  const shown = field.widget === "list" || field.widget === "map"
    ? entriesField(field, initial, onChange)
    : singleField(field, initial, onChange);
  return {
    name: field.name,
    element: h("div", { class: "setting" }, shown, error),
    showProblem: (words) => (error.textContent = words),
  };
}

function singleField(field, value, onChange) {
  if (field.widget === "picture") return pictureField(field, text(value), (path) => onChange(path, path !== text(field.value)));
  const control = makeControl(field, value);
  const changed = () => onChange(read(field, control), text(read(field, control)) !== text(field.value));
  control.addEventListener("input", changed);
  control.addEventListener("change", changed);
  const mayBeEmpty = !field.required && field.widget !== "switch" && !/\bempty\b/.test(field.hint);
  const hint = [field.hint, mayBeEmpty && "You can leave this empty."].filter(Boolean).join(" ");
  return labelled(field.label, control, hint);
}

/** The control of one value. */
function makeControl(field, value) {
  if (field.widget === "text") {
    const box = h("textarea", { rows: 4, lang: "en-GB", spellcheck: "true" });
    box.value = text(value);
    return box;
  }
  if (field.widget === "switch") return h("input", { type: "checkbox", checked: value === true });
  if (field.widget === "select") {
    return h("select", {}, field.options.map((option) => h("option", { value: option, selected: option === text(value ?? field.default) }, option || "–")));
  }
  if (field.widget === "colour") return h("input", { type: "color", value: text(value) || "#000000" });
  const control = h("input", { type: INPUT_TYPES[field.widget] || "text", autocomplete: "off", maxlength: field.maxLength });
  if (field.minimum !== undefined) control.min = field.minimum;
  if (field.maximum !== undefined) control.max = field.maximum;
  control.value = text(value);
  return control;
}

function read(field, control) {
  if (field.widget === "switch") return control.checked;
  if (field.widget === "number") return control.value.trim() === "" ? "" : Number(control.value);
  return control.value;
}

/** A list (postal address, menu) or a block of names (helplines, statistics): change, add, remove and move entries. */
function entriesField(field, initial, onChange) {
  const entries = (initial || []).map((entry) => ({ ...entry }));
  const saved = JSON.stringify(field.value);
  const list = h("ol", { class: "entries" });
  const tell = () => onChange(entries.map(({ source, name, value }) => ({ source, name, value })), JSON.stringify(entries) !== saved);

  function entryElement(entry, index) {
    const title = titleOf(entry, field) || "New entry";
    const heading = h("summary", {}, title);
    const action = (words, label, onclick, disabled) => h("button", { type: "button", "data-does": label, disabled, onclick }, words);
    const buttons = h("span", { class: "entry-actions" },
      action("Up", "Move … up", () => move(index, -1), index === 0),
      action("Down", "Move … down", () => move(index, 1), index === entries.length - 1),
      action("Remove", "Remove …", () => remove(index)));
    const relabel = (name) => buttons.querySelectorAll("button").forEach((each) => each.setAttribute("aria-label", each.dataset.does.replace("…", name)));
    relabel(title);
    if (!field.fields) {
      const control = makeControl({ widget: "line" }, entry.value);
      control.setAttribute("aria-label", `${field.label}, line ${index + 1}`);
      control.addEventListener("input", () => {
        entry.value = control.value;
        tell();
      });
      return h("li", { class: "entry plain" }, control, buttons);
    }
    const parts = field.fields.map((part) =>
      singleField({ ...part, value: entry.value[part.name] }, entry.value[part.name], (value) => {
        entry.value = { ...entry.value, [part.name]: value };
        heading.textContent = titleOf(entry, field) || "New entry";
        relabel(heading.textContent);
        tell();
      }));
    return h("li", { class: "entry" }, h("details", { open: entry.isNew }, heading, parts), buttons);
  }
  // What pages show by its name, and this service does not have.
  const missing = h("p", { class: "actions" });
  const draw = () => {
    fill(list, entries.map(entryElement));
    const there = new Set(entries.map(({ name }) => name));
    fill(missing, Object.entries(field.named || {}).filter(([name]) => !there.has(name)).map(([name, words]) =>
      h("button", { type: "button", onclick: () => add(name) }, `Add: ${words}`)));
  };
  const move = (index, step) => {
    entries.splice(index + step, 0, ...entries.splice(index, 1));
    draw();
    tell();
    list.children[index + step].querySelector(step < 0 ? "[aria-label$=up]" : "[aria-label$=down]").focus();
  };
  const remove = (index) => {
    entries.splice(index, 1);
    draw();
    tell();
  };
  const add = (name = "") => {
    entries.push({ source: null, name, value: field.fields ? empty(field) : "", isNew: true });
    draw();
    tell();
    list.lastElementChild.querySelector("input, textarea, select").focus();
  };
  draw();
  return h("fieldset", {}, h("legend", {}, field.label), h("p", { class: "hint" }, field.hint), list,
    missing,
    h("button", { type: "button", onclick: () => add() }, field.fields ? `Add to ${field.label.toLowerCase()}` : "Add a line"));
}

const empty = (field) => Object.fromEntries(field.fields.map((part) => [part.name, part.default ?? (part.widget === "number" ? "" : "")]));

/** What an entry is called: its name, its words, or its first value. */
function titleOf(entry, field) {
  if (!field.fields) return text(entry.value) || "this line";
  const value = entry.value || {};
  const words = value.name || value.text || value.wording || entry.name || "";
  return String(words).replace("{value}", text(value.value)).replace("{of}", text(value.of));
}
