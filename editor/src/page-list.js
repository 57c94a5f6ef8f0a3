// The pages in the order of the menu: open, add, move, rename and delete them.
import { request, withQuery } from "./api.js";
import { ask, choices, confirm, field } from "./dialogs.js";
import { fill, h, notify } from "./dom.js";
import { dropDraft, keepDraft, keepPlace, pathsWithDrafts } from "./drafts.js";
import { ALONE, askForPartName, askForPart, askToDeletePart, askWhereToMove, entriesOf, movePart } from "./menu-parts.js";
import { allPages } from "./text-editor.js";
import { wordsFor } from "./words.js";

export const editHref = (path) => `#/edit/${path}`;

// Whether the list shows the buttons that move, rename and delete. Kept when the list is redrawn after a change.
let isArranging = false;

/** Show the list in `main`. `reload()` redraws it after a change. */
export function showPages(main, overview, reload) {
  const drafts = new Set(pathsWithDrafts());
  const entries = entriesOf(overview);
  const pages = allPages(overview).filter(({ value }) => value !== "index.md");
  const list = h("div", { class: "menu-list" });
  const addPart = button("Add a part to the menu", "", async () => save(await askForPart(entries, pages), "The part has been added to the menu."));
  const toggle = h("button", { type: "button", onclick: () => arrange(!isArranging) }, "Move, rename or delete");
  function arrange(on) {
    isArranging = on;
    toggle.setAttribute("aria-pressed", String(on));
    list.classList.toggle("arranging", on);
    addPart.hidden = !on;
  }

  /** Publish the menu with `newEntries`, unless they are null or undefined, then focus the button that is labelled `focus`. */
  async function save(newEntries, message, focus = "") {
    if (!newEntries || !(await change("api/menu", { sections: newEntries }, reload, message)) || !focus) return;
    document.querySelector(`[aria-label="${CSS.escape(focus)}"]`)?.focus();
  }
  function button(words, label, onclick) {
    return h("button", { type: "button", "aria-label": label || false, onclick }, words);
  }

  function partRow(title) {
    const move = (step, direction) => save(movePart(entries, title, step), `Moved. ${wordsFor(overview).done}`, `Move the part ${title} ${direction}`);
    return h("div", { class: "part-row" },
      h("h2", {}, title),
      h("span", { class: "row-actions" },
        button("Up", `Move the part ${title} up`, () => move(-1, "up")),
        button("Down", `Move the part ${title} down`, () => move(1, "down")),
        button("Rename", `Rename the part ${title}`, async () => save(await askForPartName(entries, title), "Renamed. Every menu has been updated.")),
        button("Delete", `Delete the part ${title}`, async () => save(await askToDeletePart(entries, title), "The part has been deleted. Its pages are still there."))));
  }

  const search = h("input", { type: "search", autocomplete: "off" });
  const results = h("div", { role: "status" });
  async function find(event) {
    event.preventDefault();
    const { found } = await request(withQuery("api/search", { words: search.value })).catch((error) => notify(error.message) || { found: [] });
    fill(results, found.length ? placeList(found) : h("p", {}, "No page and no leaflet says this."));
  }

  const row = (page, section, index) => {
    const path = `docs/${page.page}`;
    const isHome = page.page === "index.md";
    return h("li", { class: "page-row" },
      h("a", { href: editHref(path) }, page.title),
      drafts.has(path) && h("span", { class: "badge" }, wordsFor(overview).changed),
      h("span", { class: "row-actions" },
        section >= 0 && button("Up", `Move ${page.title} up`, () => move(section, index, -1)),
        section >= 0 && button("Down", `Move ${page.title} down`, () => move(section, index, 1)),
        section >= 0 && !isHome && button("Move to …", `Move ${page.title} into another part`, async () => save(await askWhereToMove(entries, page), `Moved. ${wordsFor(overview).done}`)),
        button("Rename", `Rename ${page.title}`, () => renamePage(page, reload)),
        !isHome && button("Delete", `Delete ${page.title}`, () => deletePage(page, overview, reload))));
  };

  async function move(section, index, step) {
    const sections = overview.sections.map(({ title, pages: inside }) => ({ title, pages: inside.map(({ page }) => page) }));
    const { title } = overview.sections[section].pages[index];
    const [page] = sections[section].pages.splice(index, 1);
    const next = sections[section + step];
    if (index + step >= 0 && index + step <= sections[section].pages.length) sections[section].pages.splice(index + step, 0, page);
    else if (next && step < 0) next.pages.push(page);
    else if (next) next.pages.unshift(page);
    else return;
    await save(sections, `Moved. ${wordsFor(overview).done}`, `Move ${title} ${step < 0 ? "up" : "down"}`);
  }

  list.append(
    ...overview.sections.map((section, number) => [
      section.title ? partRow(section.title) : number > 0 && h("h2", {}, section.pages.length > 1 ? "On their own in the menu" : "On its own in the menu"),
      section.pages.length > 0 && h("ul", {}, section.pages.map((page, index) => row(page, number, index))),
    ]).flat().filter(Boolean),
  );
  if (overview.outside.length) {
    list.append(h("h2", {}, "Not in any menu"), h("ul", {}, overview.outside.map((page) => row(page, -1, 0))));
  }
  fill(main, h("div", { class: "sheet-page" },
    h("h1", {}, "Pages"),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "primary", onclick: () => addPage(overview, reload) }, "Add a page"), toggle, addPart),
    h("form", { class: "find", onsubmit: find }, field("Find words", search, "In all pages and leaflets."), h("button", {}, "Find")),
    results, list));
  arrange(isArranging);
}

/** Request a change of pages or menu, and show its outcome. Returns a promise of the response, or of null on failure. */
async function change(url, details, reload, message) {
  const main = document.getElementById("main");
  main.inert = true;
  notify("One moment …");
  try {
    const result = await request(url, details);
    if (result.status === "refused") {
      await confirm("That would leave mistakes on the site", h("ul", {}, result.problems.map((problem) => h("li", {}, problem))), "I see");
      return null;
    }
    await reload();
    notify(message);
    return result;
  } catch (error) {
    await confirm("That cannot be done", error.message, "I see");
    return null;
  } finally {
    main.inert = false;
  }
}

async function addPage(overview, reload) {
  const details = await ask("Add a page", (close) => {
    const title = h("input", { required: true, maxlength: 80, autocomplete: "off" });
    const description = h("textarea", { required: true, rows: 2 });
    const sectionNames = [...new Set([...overview.sections.map((each) => each.title).filter(Boolean), ""])];
    const template = h("select", {}, overview.templates.map(({ name, title: words }) => h("option", { value: name }, words)));
    const section = h("select", {}, sectionNames.map((name) => h("option", { value: name }, name || ALONE)));
    const submit = (event) => {
      event.preventDefault();
      close({ title: title.value, description: description.value, template: template.value, section: section.value });
    };
    return h("form", { onsubmit: submit },
      field("Name of the page", title, "It is the heading of the page and its name in the menu."),
      field("In search results", description, "One or two sentences: what is the page about?"),
      field("Start from", template),
      field("Where in the menu", section, "A part of the menu opens a list of its pages. Other pages are beside the parts."),
      choices(close, "Add the page"));
  });
  if (!details) return;
  const result = await change("api/pages", details, reload, "The page has been added, with its name and your sentence. Now you can write it.");
  if (!result) return;
  keepDraft(result.path, { body: result.template, description: details.description, version: result.version, base: result.body, isNew: true });
  location.hash = editHref(result.path);
}

async function renamePage(page, reload) {
  const details = await ask(`Rename “${page.title}”`, (close) => {
    const title = h("input", { required: true, value: page.title, autocomplete: "off" });
    const slug = h("input", { required: true, value: page.page.replace(".md", ""), autocomplete: "off", disabled: page.page === "index.md" });
    const submit = (event) => {
      event.preventDefault();
      close({ path: `docs/${page.page}`, title: title.value, slug: page.page === "index.md" ? "" : slug.value.trim() });
    };
    return h("form", { onsubmit: submit },
      field("Name of the page", title),
      field("Address", slug, "Lower-case letters, numbers and hyphens. You can leave it as it is. If you change it, the old address will still work, even on printed leaflets."),
      choices(close, "Rename"));
  });
  if (!details) return;
  const result = await change("api/pages/rename", details, reload, "Renamed. Links and menus have been updated.");
  if (result && result.path !== details.path) dropDraft(details.path);
}

/** Return a list of links to lines of texts ([{path, line, title, text}]). */
function placeList(places, onLeave = () => {}) {
  const open = ({ path, line }) => {
    keepPlace(path, { line });
    onLeave();
  };
  return h("ul", { class: "links" }, places.map((place) =>
    h("li", {}, h("a", { href: editHref(place.path), onclick: () => open(place) }, `${place.title}, line ${place.line}`), `: ${place.text}`)));
}

async function deletePage(page, overview, reload) {
  const path = `docs/${page.page}`;
  let links;
  try {
    ({ links } = await request(withQuery("api/links", { path })));
  } catch (error) {
    return void (await confirm("That cannot be done", error.message, "I see"));
  }
  if (links.length) {
    await ask(`“${page.title}” cannot be deleted yet`, (close) => [
      h("p", {}, "These places link to it. Change them first:"),
      placeList(links, close),
      h("p", { class: "choices" }, h("button", { type: "button", class: "primary", onclick: () => close() }, "I see")),
    ]);
    return;
  }
  const replacement = await ask(`Delete “${page.title}”?`, (close) => {
    const others = allPages(overview).filter(({ value }) => value !== page.page);
    const target = h("select", {}, others.map(({ value, label }) => h("option", { value, selected: value === "index.md" }, label)));
    const submit = (event) => {
      event.preventDefault();
      close(target.value);
    };
    return [
      h("p", {}, "No other page links to it. The person who looks after the site could bring it back."),
      h("form", { onsubmit: submit },
        field("People who go to its old address will see", target),
        choices(close, "Delete the page")),
    ];
  });
  if (replacement === undefined) return;
  if (await change("api/pages/delete", { path, instead: replacement }, reload, "The page has been deleted. Its old address now leads to the page that you chose.")) dropDraft(path);
}
