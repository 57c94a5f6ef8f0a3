// Settings with two values, of two people or of two days: show both, and let the person choose.
import { ask, choices } from "./dialogs.js";
import { h } from "./dom.js";

const words = (value) => (value === null || value === undefined || value === "" ? "(empty)" : String(value));

/** Return a setting's value as lines of words; of an entry with parts each part is one line. */
function inWords(field, value) {
  if (field.widget === "switch") return [value ? "Yes" : "No"];
  if (field.widget !== "list" && field.widget !== "map") return [words(value)];
  const lines = (value || []).flatMap(({ name, value: entry }) =>
    field.fields
      ? field.fields.map((part) => `${entry.name || entry.text || name} – ${part.label}: ${words(entry[part.name])}`)
      : [words(entry)]);
  return lines.length ? lines : ["(none)"];
}

/** Return those of the lines that are not in every other list; all, when only their order differs. */
function differing(lines, others) {
  const some = lines.filter((line) => !others.every((other) => other.includes(line)));
  return some.length || others.some((other) => other.length !== lines.length) ? some : lines;
}

/** Return the entries with the places that they have in the list as it is saved now. */
export function rebased(field, mine, now) {
  if (field.widget === "map") {
    const there = new Set((now || []).map(({ source }) => source));
    return mine.map((entry) => ({ ...entry, source: there.has(entry.source) ? entry.source : null }));
  }
  if (field.widget !== "list") return mine;
  const left = [...(now || [])];
  return mine.map((entry) => {
    const index = left.findIndex(({ value }) => JSON.stringify(value) === JSON.stringify(entry.value));
    return { ...entry, source: index < 0 ? null : left.splice(index, 1)[0].source };
  });
}

/** Return what the setting was in an earlier version and what it is now, in words. */
export function thenAndNow({ field, then }) {
  const [old, now] = [inWords(field, then), inWords(field, field.value)];
  const lines = (text, otherText) => h("span", { class: "lines" }, differing(text, [otherText]).join("\n") || "(the rest is as it is now)");
  return h("fieldset", {}, h("legend", {}, field.label),
    h("p", {}, h("strong", {}, "Then "), lines(old, now)), h("p", {}, h("strong", {}, "Now "), lines(now, old)));
}

/**
 * Ask about each of `settings` ([{field, seen, now, mine}]) which value shall stay.
 *
 * Returns a promise of the names for which it is the person's own, or undefined when nothing shall be done.
 */
export function chooseSettings(settings, button) {
  return ask("These settings have changed since you opened them", (close) => {
    const chosen = settings.map(({ field, seen, now, mine }) => {
      const [then, theirs, yours] = [seen, now, mine].map((value) => inWords(field, value));
      const lines = (text, ...others) => h("span", { class: "lines" }, differing(text, others).join("\n") || "(as before)");
      const choice = (value, label, shown, checked) =>
        h("label", { class: "choice" }, h("input", { type: "radio", name: field.name, value, checked }), h("strong", {}, label), shown);
      return h("fieldset", { "data-name": field.name }, h("legend", {}, field.label),
        h("p", {}, h("strong", {}, "When you opened this form "), lines(then, theirs, yours)),
        choice("now", "The saved version ", lines(theirs, then, yours)),
        choice("mine", "Your version ", lines(yours, then, theirs), true));
    });
    const submit = (event) => {
      event.preventDefault();
      close(chosen.filter((box) => box.querySelector("[value=mine]").checked).map((box) => box.dataset.name));
    };
    return h("form", { onsubmit: submit }, h("p", {}, "Choose which to keep. Everything else that was changed is kept too."), chosen, choices(close, button));
  }, { wide: true });
}
