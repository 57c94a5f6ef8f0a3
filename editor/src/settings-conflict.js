// Settings with two values, from two people or two dates: show both, and let the person choose.
import { ask, choices } from "./dialogs.js";
import { h } from "./dom.js";

const words = (value) => (value === null || value === undefined || value === "" ? "(empty)" : String(value));

/** Return a setting's value in words, as lines: one for each part of an entry. */
function inWords(field, value) {
  if (field.widget === "switch") return [value ? "Yes" : "No"];
  if (field.widget !== "list" && field.widget !== "map") return [words(value)];
  const lines = (value || []).flatMap(({ name, value: entry }) =>
    field.fields
      ? field.fields.map((part) => `${entry.name || entry.text || name} – ${part.label}: ${words(entry[part.name])}`)
      : [words(entry)]);
  return lines.length ? lines : ["(none)"];
}

/** Return the lines that at least one of the `others` lacks, or all lines if only their order differs. */
function differingLines(lines, others) {
  const differing = lines.filter((line) => !others.every((other) => other.includes(line)));
  return differing.length || others.some((other) => other.length !== lines.length) ? differing : lines;
}

/**
 * Return the value `mine` with the `source` of each entry (its name or index) as in `savedEntries`, or null if it is not there.
 *
 * A value that is not a list or map is returned unchanged.
 */
export function rebase(field, mine, savedEntries) {
  if (field.widget === "map") {
    const currentSources = new Set((savedEntries || []).map(({ source }) => source));
    return mine.map((entry) => ({ ...entry, source: currentSources.has(entry.source) ? entry.source : null }));
  }
  if (field.widget !== "list") return mine;
  const unmatched = [...(savedEntries || [])];
  return mine.map((entry) => {
    const index = unmatched.findIndex(({ value }) => JSON.stringify(value) === JSON.stringify(entry.value));
    return { ...entry, source: index < 0 ? null : unmatched.splice(index, 1)[0].source };
  });
}

/** Return an element that shows a setting's value in an earlier version (`then`) and now. */
export function thenAndNow({ field, then }) {
  const [old, now] = [inWords(field, then), inWords(field, field.value)];
  const lines = (text, otherText) => h("span", { class: "lines" }, differingLines(text, [otherText]).join("\n") || "(the rest is as it is now)");
  return h("fieldset", {}, h("legend", {}, field.label),
    h("p", {}, h("strong", {}, "Then "), lines(old, now)), h("p", {}, h("strong", {}, "Now "), lines(now, old)));
}

/**
 * Ask which value of each of `settings` ([{field, seen, now, mine}]) to keep.
 *
 * Returns a promise of the names of the settings that keep the person's own value, or of undefined to do nothing.
 */
export function chooseSettings(settings, button) {
  return ask("These settings have changed since you opened them", (close) => {
    const fieldsets = settings.map(({ field, seen, now, mine }) => {
      const [then, theirs, yours] = [seen, now, mine].map((value) => inWords(field, value));
      const lines = (text, ...others) => h("span", { class: "lines" }, differingLines(text, others).join("\n") || "(as before)");
      const choice = (value, label, shown, checked) =>
        h("label", { class: "choice" }, h("input", { type: "radio", name: field.name, value, checked }), h("strong", {}, label), shown);
      return h("fieldset", { "data-name": field.name }, h("legend", {}, field.label),
        h("p", {}, h("strong", {}, "When you opened this form "), lines(then, theirs, yours)),
        choice("now", "The saved version ", lines(theirs, then, yours)),
        choice("mine", "Your version ", lines(yours, then, theirs), true));
    });
    const submit = (event) => {
      event.preventDefault();
      close(fieldsets.filter((fieldset) => fieldset.querySelector("[value=mine]").checked).map((fieldset) => fieldset.dataset.name));
    };
    return h("form", { onsubmit: submit }, h("p", {}, "Choose which to keep. Everything else that was changed is kept too."), fieldsets, choices(close, button));
  }, { wide: true });
}
