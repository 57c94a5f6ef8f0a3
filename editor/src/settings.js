// The settings of mkdocs.yml, as forms that are made from their schema (service_profile/fields.py).
import { request } from "./api.js";
import { fill, h, notify } from "./dom.js";
import { dropDraft, keepDraft, readDraft } from "./drafts.js";
import { createPreview } from "./preview.js";
import { count, showProblems } from "./problems.js";
import { makeField } from "./setting-fields.js";
import { chooseSettings, rebased } from "./settings-conflict.js";
import { wordsFor } from "./words.js";

/** Show the form of `group` in `main`, or the list of forms. Returns a function that leaves it. */
export async function showSettings(main, group, overview) {
  if (!group) return showGroups(main);
  const form = await request(`api/settings/${group}`);
  const key = `settings/${group}`;
  const draft = readDraft(key);
  const changed = new Map();
  const seen = new Map(Object.entries(draft?.seen || {})); // what was saved when the person began to change it
  let found = { problems: [], older: [] };
  const words = wordsFor(overview);

  const problems = h("div", { class: "problems", role: "status" }, "Loading the settings …");
  const state = h("span", { class: "state", role: "status" });
  const button = h("button", { type: "button", class: "primary", onclick: () => publish() }, words.button);
  const discard = h("button", { type: "button", onclick: () => throwAway() }, "Throw my changes away");

  const showState = () => {
    const stopped = found.problems.length > 0;
    button.textContent = changed.size && stopped ? `${words.cannot}: ${count(found.problems.length).toLowerCase()}` : words.button;
    button.setAttribute("aria-disabled", String(!changed.size || stopped));
    discard.hidden = !changed.size;
    state.textContent = changed.size ? `${words.changed} What you typed is kept in this browser.` : words.unchanged;
  };
  const values = () => Object.fromEntries(changed);
  const keep = () => {
    if (changed.size) keepDraft(key, { values: values(), seen: Object.fromEntries(seen) });
    else dropDraft(key);
  };
  const preview = createPreview({
    url: "api/settings/preview",
    content: () => ({ group, values: values() }),
    onProblems: (made) => {
      found = made;
      showProblems(problems, made, "mkdocs.yml", () => {});
      for (const each of fields) each.showProblem(made.fields[each.name] || "");
      showState();
    },
  });
  const fields = form.fields.map((field) =>
    makeField(field, draft?.values?.[field.name], (value, differs) => {
      if (differs) changed.set(field.name, value);
      else changed.delete(field.name);
      if (!seen.has(field.name)) seen.set(field.name, field.value);
      keep();
      showState();
      preview.update();
    }));
  for (const [name, value] of Object.entries(draft?.values || {})) changed.set(name, value);

  async function publish() {
    if (button.getAttribute("aria-disabled") === "true") return;
    try {
      const answer = await request("api/settings", { values: values(), seen: Object.fromEntries(seen) });
      if (answer.status === "conflict") return settle(answer.now);
      if (answer.status === "refused") {
        found = { ...found, ...answer };
        showProblems(problems, answer, "mkdocs.yml", () => {});
        notify(words.refused);
      } else {
        dropDraft(key);
        notify(words.done);
        window.dispatchEvent(new HashChangeEvent("hashchange"));
      }
    } catch (error) {
      notify(error.message);
    }
    showState();
  }

  /** Let the person choose between both values of each setting in `now`, then publish what they chose. */
  async function settle(now) {
    const both = form.fields.filter(({ name }) => name in now)
      .map((field) => ({ field, seen: seen.get(field.name), now: now[field.name], mine: changed.get(field.name) }));
    const mine = await chooseSettings(both, words.button);
    if (!mine) return;
    for (const { field } of both) {
      seen.set(field.name, now[field.name]);
      if (mine.includes(field.name)) changed.set(field.name, rebased(field, changed.get(field.name), now[field.name]));
      else changed.delete(field.name);
    }
    keep();
    if (changed.size) return publish();
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    notify("What was already saved has been kept.");
  }

  function throwAway() {
    dropDraft(key);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    notify("Your changes have been thrown away.");
  }

  const note = draft && h("div", { class: "note" }, `What you typed before is back. ${words.changed}`);
  fill(main, h("div", { class: "editor settings" },
    h("div", { class: "editor-head" }, h("h1", {}, form.title), h("div", { class: "actions" },
      h("a", { href: "#/settings" }, "All settings"), discard, button)),
    note,
    h("div", { class: "panes" }, h("section", { class: "words form", "aria-label": form.title }, fields.map((each) => each.element)), preview.element),
    h("div", { class: "editor-foot" }, problems, state)));
  document.body.classList.add("editing");
  preview.build();
  showState();
  return () => preview.destroy();
}

async function showGroups(main) {
  const { groups } = await request("api/settings");
  fill(main, h("div", { class: "sheet-page" },
    h("h1", {}, "Settings"),
    h("p", {}, "Details that the pages, leaflets, form and emails all use."),
    h("ul", {}, groups.map(({ name, title }) => h("li", { class: "page-row" }, h("a", { href: `#/settings/${name}` }, title))))));
}
