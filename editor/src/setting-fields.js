// The fields of the settings forms: one for each kind of value in the schema.
import { field as labelled } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { pictureField } from "./picture-field.js";

const INPUT_TYPES = { email: "email", phone: "tel", url: "url", date: "date", number: "number", line: "text" };
const OPTION_LABELS = {
  emergency: "In an emergency", abuse: "After abuse", support: "Someone to talk to",
  call: "People call it", text: "People text it", web: "People open its page", less: "Squares, some of them empty",
};
const text = (value) => (value === null || value === undefined ? "" : String(value));

/**
 * Return a field: `element`, `name`, `label` and `showProblem(words)`.
 *
 * `onChange(value, differs)` is called with each new value, and whether it differs from the saved one. `draft` is the
 * unpublished value, if there is one.
 */
export function makeField(field, draft, onChange) {
  const initialValue = draft ?? field.value;
  const error = h("p", { class: "error", role: "alert" });
  const fieldElement = field.widget === "list" || field.widget === "map"
    ? entriesField(field, initialValue, onChange)
    : singleField(field, initialValue, onChange);
  return {
    name: field.name,
    label: field.label,
    element: h("div", { class: "setting" }, fieldElement, error),
    showProblem: (words) => (error.textContent = words),
  };
}

/** Return the item of `all` whose text (`textOf(item)`) is the longest with which `words` begin, or undefined. */
function longestMatch(all, textOf, words) {
  return all.filter((each) => words.startsWith(textOf(each))).sort((first, second) => textOf(second).length - textOf(first).length)[0];
}

/** Return a problem of the settings with the form's labels in place of the names in mkdocs.yml. */
export function replaceNames(problem, fields, valueOf) {
  const words = problem.replace(/^mkdocs\.yml: /, "");
  const field = longestMatch(fields, ({ name }) => name, words);
  if (!field) return problem;
  const rest = words.slice(field.name.length);
  const [inside, number, key, partName] = /^(?:, entry (\d+)(?:, )?|\.(\w+)\.?)(\w+)?/.exec(rest) || [""];
  if (!inside || !field.fields) return field.label + rest;
  const entries = valueOf(field) || [];
  const entry = number ? entries[number - 1] : entries.find(({ name }) => name === key) || entries.find(({ source }) => source === null);
  const part = field.fields.find(({ name }) => name === partName);
  return [field.label, (entry && (titleOf(entry, field) || "New entry")) || key || `entry ${number}`, part?.label ?? partName].filter(Boolean).join(" → ") +
    rest.slice(inside.length).replace(/is missing: add the line .*/, "is missing: fill it in");
}

/** Return the place of a problem from `replaceNames`: {element, entry, control, words}; entry and control in lists only. */
function placeOf(fields, problem) {
  const element = longestMatch(fields, ({ label }) => label, problem)?.element;
  const [, title, rest = ""] = problem.split(" → ");
  const entry = [...(element?.querySelectorAll(".entry") || [])].find((each) => each.querySelector("summary")?.textContent === title);
  const label = longestMatch([...(entry?.querySelectorAll("label") || [])], ({ textContent }) => textContent, rest);
  return { element, entry, control: label?.control, words: rest.slice(label?.textContent.length) };
}

/** Scroll to the field that a problem is about, and focus it. */
export function goToField(fields, problem) {
  const { element, entry, control } = placeOf(fields, problem);
  if (entry) entry.querySelector("details").open = true;
  (entry || element)?.scrollIntoView({ block: "start" });
  (control || element?.querySelector("input, textarea, select"))?.focus();
}

/** Show each problem of a list's entry at the field inside the entry, unless that field is empty. */
export function showInEntries(fields, problems) {
  for (const { element } of fields) element.querySelectorAll(".entry .error").forEach((line) => line.remove());
  for (const problem of problems) {
    const { control, words } = placeOf(fields, problem);
    if (control?.value) control.closest(".field").append(h("span", { class: "error", role: "alert" }, `This${words}`));
  }
}

function singleField(field, value, onChange) {
  if (field.widget === "picture") return pictureField(field, text(value), (path) => onChange(path, path !== text(field.value)));
  const control = makeControl(field, value);
  const reportChange = () => onChange(read(field, control), text(read(field, control)) !== text(field.value));
  control.addEventListener("input", reportChange);
  control.addEventListener("change", reportChange);
  const mayBeEmpty = !field.required && !["switch", "select"].includes(field.widget) && !/\bempty\b|needed/i.test(field.hint);
  const hint = [field.hint, mayBeEmpty && "You can leave this empty."].filter(Boolean).join(" ");
  return labelled(field.label, control, hint);
}

/** Return the control for one value. */
function makeControl(field, value) {
  if (field.widget === "text") {
    const box = h("textarea", { rows: 4, lang: "en-GB", spellcheck: "true" });
    box.value = text(value);
    return box;
  }
  if (field.widget === "switch") return h("input", { type: "checkbox", checked: value === true });
  if (field.widget === "select") {
    return h("select", {}, field.options.map((option) => h("option", { value: option, selected: option === text(value ?? field.default) }, OPTION_LABELS[option] || option || "–")));
  }
  if (field.widget === "colour") return h("input", { type: "color", value: text(value) || "#000000" });
  const control = h("input", { type: INPUT_TYPES[field.widget] || "text", autocomplete: "off", maxlength: field.maxLength });
  if (field.minimum !== undefined) control.min = field.minimum;
  if (field.maximum !== undefined) control.max = field.maximum;
  control.value = text(value);
  // People type an address without https://.
  if (field.widget === "url") {
    control.type = "text";
    control.inputMode = "url";
    control.addEventListener("change", () => {
      if (/^[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(control.value.trim())) control.value = `https://${control.value.trim()}`;
    });
  }
  return control;
}

function read(field, control) {
  if (field.widget === "switch") return control.checked;
  if (field.widget === "number") return control.value.trim() === "" ? "" : Number(control.value);
  return control.value;
}

/** Return the field of a list (postal address) or of named entries (helplines), with buttons to add, remove and move them. */
function entriesField(field, initialValue, onChange) {
  const entries = (initialValue || []).map((entry) => ({ ...entry }));
  const savedJson = JSON.stringify(field.value);
  const list = h("ol", { class: "entries" });
  const reportChange = () => onChange(entries.map(({ source, name, value }) => ({ source, name, value })), JSON.stringify(entries) !== savedJson);

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
        reportChange();
      });
      control.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && addLines(event, index, [""]));
      control.addEventListener("paste", (event) => {
        const lines = event.clipboardData.getData("text/plain").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
        if (lines.length < 2) return;
        entry.value = control.value.trim() ? control.value : lines.shift();
        addLines(event, index, lines);
      });
      return h("li", { class: "entry plain" }, control, buttons);
    }
    const parts = field.fields.map((part) =>
      singleField({ ...part, value: entry.value[part.name] }, entry.value[part.name], (value) => {
        entry.value = { ...entry.value, [part.name]: value };
        heading.textContent = titleOf(entry, field) || "New entry";
        relabel(heading.textContent);
        reportChange();
      }));
    return h("li", { class: "entry" }, h("details", { open: entry.isNew }, heading, parts), buttons);
  }
  const removedEntries = [];
  // Buttons that add missing entries which pages refer to by name, and that restore removed ones.
  const restoreButtons = h("p", { class: "actions" });
  const draw = () => {
    fill(list, entries.map(entryElement));
    const presentNames = new Set(entries.map(({ name }) => name));
    fill(restoreButtons, Object.entries(field.named || {}).filter(([name]) => !presentNames.has(name)).map(([name, words]) =>
      h("button", { type: "button", onclick: () => add(name) }, `Add: ${words}`)),
    removedEntries.map((each) => h("button", { type: "button", onclick: () => putBack(each) }, `Put back ${titleOf(each.entry, field) || "the entry"}`)));
  };
  /** Insert lines below the one at `index`, and focus the last. */
  const addLines = (event, index, lines) => {
    event.preventDefault();
    entries.splice(index + 1, 0, ...lines.map((value) => ({ source: null, name: "", value, isNew: true })));
    draw();
    reportChange();
    list.children[index + lines.length].querySelector("input").focus();
  };
  const move = (index, step) => {
    entries.splice(index + step, 0, ...entries.splice(index, 1));
    draw();
    reportChange();
    list.children[index + step].querySelector(step < 0 ? "[aria-label$=up]" : "[aria-label$=down]").focus();
  };
  const remove = (index) => {
    removedEntries.push({ entry: entries.splice(index, 1)[0], index });
    draw();
    reportChange();
  };
  const putBack = (each) => {
    removedEntries.splice(removedEntries.indexOf(each), 1);
    entries.splice(each.index, 0, each.entry);
    draw();
    reportChange();
  };
  const add = (name = "") => {
    entries.push({ source: null, name, value: field.fields ? emptyEntry(field) : "", isNew: true });
    draw();
    reportChange();
    list.lastElementChild.querySelector("input, textarea, select").focus();
  };
  draw();
  return h("fieldset", {}, h("legend", {}, field.label), h("p", { class: "hint" }, field.hint), list,
    restoreButtons,
    h("button", { type: "button", onclick: () => add() }, field.fields ? `Add to ${field.label.toLowerCase()}` : "Add a line"));
}

const emptyEntry = (field) => Object.fromEntries(field.fields.map((part) => [part.name, part.default ?? ""]));

/** Return the title of an entry: its name or its text; without either, "this line" or, for an entry with fields, "". */
function titleOf(entry, field) {
  if (!field.fields) return text(entry.value) || "this line";
  const value = entry.value || {};
  const words = value.name || value.text || value.wording || entry.name || "";
  return String(words).replace("{value}", text(value.value)).replace("{of}", text(value.of));
}
