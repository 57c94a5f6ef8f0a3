// The settings of mkdocs.yml, as forms that are made from their schema (service_profile/fields.py).
import { request, withQuery } from "./api.js";
import { confirm } from "./dialogs.js";
import { fill, h, hideMessage, notify, setWords } from "./dom.js";
import { dropDraft, keepDraft, readDraft } from "./drafts.js";
import { chooseVersion, dayOf } from "./history.js";
import { paneSwitch } from "./pane-switch.js";
import { createPreview } from "./preview.js";
import { count, showProblems } from "./problems.js";
import { goToField, inLabels, makeField, showInEntries } from "./setting-fields.js";
import { chooseSettings, rebased, thenAndNow } from "./settings-conflict.js";
import { wordsFor } from "./words.js";

// Where the person was when they pressed the button, for the form as it is shown anew after that.
let place = {};

function stay(list) {
  list.querySelectorAll(".entry details").forEach((entry, index) => (entry.open = place.open[index] === true));
  list.scrollTop = place.scroll;
}

/** Show the form of `group` in `main`, or the list of forms. Returns a function that leaves it. */
export async function showSettings(main, group, overview) {
  if (!group) return showGroups(main);
  const form = await request(`api/settings/${group}`);
  const key = `settings/${group}`;
  const draft = readDraft(key);
  const changed = new Map();
  const seen = new Map(Object.entries(draft?.seen || {})); // what was saved when the person began to change it
  let found = { problems: [], older: [] };
  let busy = false; // while the server saves
  const words = wordsFor(overview);

  const problems = h("div", { class: "problems", role: "status" }, "Loading the settings …");
  const state = h("span", { class: "state", role: "status" });
  const button = h("button", { type: "button", class: "primary", onclick: () => publish() }, words.button);
  const discard = h("button", { type: "button", onclick: () => throwAway() }, "Throw my changes away");

  const showState = () => {
    const stopped = found.problems.length > 0;
    setWords(button, changed.size && stopped ? `${words.cannot}: ${count(found.problems.length).toLowerCase()}` : words.button);
    button.setAttribute("aria-disabled", String(!changed.size || stopped || busy));
    discard.hidden = !changed.size || busy;
    state.textContent = busy ? words.doing : changed.size ? `${words.changed} What you typed is kept in this browser.` : words.unchanged;
  };
  const values = () => Object.fromEntries(changed);
  const show = (made) => {
    const named = (all) => all.map((problem) => inLabels(problem, form.fields, (field) => changed.get(field.name) ?? field.value));
    showProblems(problems, { problems: named(made.problems), older: named(made.older) }, "", (problem) => goToField(fields, problem));
    showInEntries(fields, named(made.problems));
  };
  const keep = () => {
    if (changed.size) keepDraft(key, { values: values(), seen: Object.fromEntries(seen) });
    else dropDraft(key);
  };
  const preview = createPreview({
    url: "api/settings/preview",
    content: () => ({ group, values: values() }),
    onProblems: (made) => {
      found = made;
      show(made);
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
    busy = true;
    showState();
    hideMessage();
    try {
      const answer = await request("api/settings", { values: values(), seen: Object.fromEntries(seen) });
      busy = false;
      if (answer.status === "conflict") return settle(answer.now);
      if (answer.status === "refused") {
        found = { ...found, ...answer };
        show(answer);
        notify(words.refused);
      } else {
        dropDraft(key);
        notify(words.done);
        place = { group, scroll: list.scrollTop, open: [...list.querySelectorAll(".entry details")].map(({ open }) => open) };
        window.dispatchEvent(new HashChangeEvent("hashchange"));
        if (answer.left.length) await confirm("The old words are still in other places", answer.left, "I see");
      }
    } catch (error) {
      busy = false;
      notify(error.message);
    }
    showState();
  }

  /** Let the person choose between both values of each setting in `now`, then publish what they chose. */
  async function settle(now) {
    showState();
    const both = form.fields.filter(({ name }) => name in now)
      .map((field) => ({ field, seen: seen.get(field.name), now: now[field.name], mine: changed.get(field.name) }));
    const mine = await chooseSettings(both, words.button);
    if (!mine) return showState();
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

  async function throwAway() {
    const sure = await confirm("Throw your changes away?", "You will lose everything that you have changed in this form since you last pressed the button.", "Throw them away");
    if (!sure) return;
    dropDraft(key);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    notify("Your changes have been thrown away.");
  }

  /** Put the values of an earlier version into the form, as unsaved ones. */
  async function goBack() {
    const chosen = await chooseVersion("mkdocs.yml", async (version, place) => {
      const then = await request(withQuery(`api/settings/${group}`, { version: version.id }));
      const differing = form.fields.map((field, index) => ({ field, then: then.fields[index].value }))
        .filter(({ field, then: value }) => JSON.stringify(value) !== JSON.stringify(field.value));
      fill(place, differing.length ? differing.map(thenAndNow) : h("p", {}, "This form was the same then."));
      return differing.length ? { differing, day: dayOf(version) } : null;
    });
    if (!chosen) return;
    for (const { field, then } of chosen.differing) {
      changed.set(field.name, rebased(field, then ?? "", field.value));
      seen.set(field.name, field.value);
    }
    keepDraft(key, { values: values(), seen: Object.fromEntries(seen), day: chosen.day });
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    notify(`Nothing is changed until you press ${words.button}.`);
  }

  const list = h("section", { class: "words form", "aria-label": form.title }, fields.map((each) => each.element));
  // The preview frames what the setting changes.
  for (const kind of ["input", "focusin"]) {
    list.addEventListener(kind, ({ target }) => ["text", "tel", "email", "url", "number", "textarea"].includes(target.type) && preview.follow(target.value, null));
  }
  const view = paneSwitch(() => preview.followAgain());
  const back = draft?.day ? `The settings are those of ${draft.day}.` : "What you typed before is back.";
  const note = draft && h("div", { class: "note" }, `${back} ${words.changed}`);
  fill(main, h("div", { class: "editor settings" },
    h("div", { class: "editor-head" }, h("h1", {}, form.title), h("div", { class: "actions" },
      h("a", { href: "#/settings" }, "All settings"),
      overview.history && h("button", { type: "button", onclick: () => goBack() }, "Earlier versions"), discard, button)),
    note,
    view.tabs,
    h("div", { class: "panes" }, list, preview.element),
    h("div", { class: "editor-foot" }, problems, state)));
  view.start(main.querySelector(".panes"));
  document.body.classList.add("editing");
  if (place.group === group) stay(list);
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
