// The settings of mkdocs.yml, as forms that are made from their schema (service_profile/fields.py).
import { request, withQuery } from "./api.js";
import { confirm } from "./dialogs.js";
import { fill, h, hideMessage, notify, setWords } from "./dom.js";
import { dropDraft, keepDraft, readDraft } from "./drafts.js";
import { chooseVersion, dateAndTime } from "./history.js";
import { paneSwitch } from "./pane-switch.js";
import { createPreview } from "./preview.js";
import { thingsToFix, showProblems } from "./problems.js";
import { goToField, makeField, replaceNames, showInEntries } from "./setting-fields.js";
import { chooseSettings, rebase, thenAndNow } from "./settings-conflict.js";
import { wordsFor } from "./words.js";

// The form's scroll position and open entries when it was published, to restore when it is redrawn.
let place = {};

function restorePlace(list) {
  list.querySelectorAll(".entry details").forEach((entry, index) => (entry.open = place.open[index] === true));
  list.scrollTop = place.scroll;
}

/** Show the form of `group` in `main`; for "", the list of forms. Returns a function to call before leaving the form. */
export async function showSettings(main, group, overview) {
  if (!group) return showGroups(main);
  const form = await request(`api/settings/${group}`);
  const key = `settings/${group}`;
  const draft = readDraft(key);
  const changedValues = new Map();
  const seenValues = new Map(Object.entries(draft?.seen || {})); // each changed setting's saved value when its editing began
  let buildResult = { problems: [], older: [] };
  let isSaving = false; // while the server saves
  const words = wordsFor(overview);

  const problems = h("div", { class: "problems", role: "status" }, "Loading the settings …");
  const state = h("span", { class: "state", role: "status" });
  const button = h("button", { type: "button", class: "primary", onclick: () => publish() }, words.button);
  const discard = h("button", { type: "button", onclick: () => throwAway() }, "Throw my changes away");

  const showState = () => {
    const hasProblems = buildResult.problems.length > 0;
    setWords(button, changedValues.size && hasProblems ? `${words.cannot}: ${thingsToFix(buildResult.problems.length).toLowerCase()}` : words.button);
    button.setAttribute("aria-disabled", String(!changedValues.size || hasProblems || isSaving));
    discard.hidden = !changedValues.size || isSaving;
    state.textContent = isSaving ? words.doing : changedValues.size ? `${words.changed} What you typed is kept in this browser.` : words.unchanged;
  };
  const values = () => Object.fromEntries(changedValues);
  const show = (result) => {
    const withLabels = (texts) => texts.map((problem) => replaceNames(problem, form.fields, (field) => changedValues.get(field.name) ?? field.value));
    showProblems(problems, { problems: withLabels(result.problems), older: withLabels(result.older) }, "", (problem) => goToField(fields, problem));
    showInEntries(fields, withLabels(result.problems));
  };
  const keep = () => {
    if (changedValues.size) keepDraft(key, { values: values(), seen: Object.fromEntries(seenValues) });
    else dropDraft(key);
  };
  const preview = createPreview({
    url: "api/settings/preview",
    content: () => ({ group, values: values() }),
    onProblems: (result) => {
      buildResult = result;
      show(result);
      for (const each of fields) each.showProblem(result.fields[each.name] || "");
      showState();
    },
  });
  const fields = form.fields.map((field) =>
    makeField(field, draft?.values?.[field.name], (value, differs) => {
      if (differs) changedValues.set(field.name, value);
      else changedValues.delete(field.name);
      if (!seenValues.has(field.name)) seenValues.set(field.name, field.value);
      keep();
      showState();
      preview.update();
    }));
  for (const [name, value] of Object.entries(draft?.values || {})) changedValues.set(name, value);

  async function publish() {
    if (button.getAttribute("aria-disabled") === "true") return;
    isSaving = true;
    showState();
    hideMessage();
    try {
      const response = await request("api/settings", { values: values(), seen: Object.fromEntries(seenValues) });
      isSaving = false;
      if (response.status === "conflict") return resolveConflict(response.now);
      if (response.status === "refused") {
        buildResult = { ...buildResult, ...response };
        show(response);
        notify(words.refused);
      } else {
        dropDraft(key);
        notify(words.done);
        place = { group, scroll: list.scrollTop, open: [...list.querySelectorAll(".entry details")].map(({ open }) => open) };
        window.dispatchEvent(new HashChangeEvent("hashchange"));
        if (response.left.length) await confirm("The old words are still in other places", response.left, "I see");
      }
    } catch (error) {
      isSaving = false;
      notify(error.message);
    }
    showState();
  }

  /** Let the person choose between their own and the saved value of each setting in `now`, then publish the choice. */
  async function resolveConflict(now) {
    showState();
    const conflicts = form.fields.filter(({ name }) => name in now)
      .map((field) => ({ field, seen: seenValues.get(field.name), now: now[field.name], mine: changedValues.get(field.name) }));
    const mine = await chooseSettings(conflicts, words.button);
    if (!mine) return showState();
    for (const { field } of conflicts) {
      seenValues.set(field.name, now[field.name]);
      if (mine.includes(field.name)) changedValues.set(field.name, rebase(field, changedValues.get(field.name), now[field.name]));
      else changedValues.delete(field.name);
    }
    keep();
    if (changedValues.size) return publish();
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    notify("What was already saved has been kept.");
  }

  async function throwAway() {
    const sure = await confirm("Throw your changes away?", "You will lose everything that you have changed in this form since you last pressed the button.", "Throw them away");
    if (!sure) return;
    dropDraft(key);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    notify("Your changes have been thrown away.");
  }

  /** Put the values of an earlier version into the form as unsaved changes. */
  async function restoreVersion() {
    const chosen = await chooseVersion("mkdocs.yml", async (version, element) => {
      const then = await request(withQuery(`api/settings/${group}`, { version: version.id }));
      const differing = form.fields.map((field, index) => ({ field, then: then.fields[index].value }))
        .filter(({ field, then: value }) => JSON.stringify(value) !== JSON.stringify(field.value));
      fill(element, differing.length ? differing.map(thenAndNow) : h("p", {}, "This form was the same then."));
      return differing.length ? { differing, day: dateAndTime(version) } : null;
    });
    if (!chosen) return;
    for (const { field, then } of chosen.differing) {
      changedValues.set(field.name, rebase(field, then ?? "", field.value));
      seenValues.set(field.name, field.value);
    }
    keepDraft(key, { values: values(), seen: Object.fromEntries(seenValues), day: chosen.day });
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    notify(`Nothing is changed until you press ${words.button}.`);
  }

  const list = h("section", { class: "words form", "aria-label": form.title }, fields.map((each) => each.element));
  // The preview outlines the text that the setting changes.
  for (const kind of ["input", "focusin"]) {
    list.addEventListener(kind, ({ target }) => ["text", "tel", "email", "url", "number", "textarea"].includes(target.type) && preview.follow(target.value, null));
  }
  const view = paneSwitch(() => preview.followAgain());
  const restoredNote = draft?.day ? `The settings are those of ${draft.day}.` : "What you typed before is back.";
  const note = draft && h("div", { class: "note" }, `${restoredNote} ${words.changed}`);
  fill(main, h("div", { class: "editor settings" },
    h("div", { class: "editor-head" }, h("h1", {}, form.title), h("div", { class: "actions" },
      h("a", { href: "#/settings" }, "All settings"),
      overview.history && h("button", { type: "button", onclick: () => restoreVersion() }, "Earlier versions"), discard, button)),
    note,
    view.tabs,
    h("div", { class: "panes" }, list, preview.element),
    h("div", { class: "editor-foot" }, problems, state)));
  view.start(main.querySelector(".panes"));
  document.body.classList.add("editing");
  if (place.group === group) restorePlace(list);
  place = {};
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
