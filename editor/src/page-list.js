// The pages in the order of the menu: open, add, move, rename and delete them.
import { request, withQuery } from "./api.js";
import { ask, choices, confirm, field } from "./dialogs.js";
import { fill, h, notify } from "./dom.js";
import { dropDraft, pathsWithDrafts } from "./drafts.js";
import { allPages } from "./text-editor.js";
import { wordsFor } from "./words.js";

export const editHref = (path) => `#/edit/${path}`;

/** Show the list in `main`. `reload()` shows it anew after a change. */
export function showPages(main, overview, reload) {
  const drafts = new Set(pathsWithDrafts());
  const arranging = h("button", { type: "button", "aria-pressed": "false", onclick: () => arrange() }, "Move, rename or delete");
  const list = h("div", { class: "menu-list" });
  const arrange = () => {
    const on = arranging.getAttribute("aria-pressed") !== "true";
    arranging.setAttribute("aria-pressed", String(on));
    list.classList.toggle("arranging", on);
  };

  const row = (page, section, index) => {
    const path = `docs/${page.page}`;
    return h("li", { class: "page-row" },
      h("a", { href: editHref(path) }, page.title),
      drafts.has(path) && h("span", { class: "badge" }, wordsFor(overview).changed),
      h("span", { class: "row-actions" },
        section >= 0 && h("button", { type: "button", "aria-label": `Move ${page.title} up`, onclick: () => move(section, index, -1) }, "Up"),
        section >= 0 && h("button", { type: "button", "aria-label": `Move ${page.title} down`, onclick: () => move(section, index, 1) }, "Down"),
        h("button", { type: "button", "aria-label": `Rename ${page.title}`, onclick: () => renamePage(page, reload) }, "Rename"),
        page.page !== "index.md" &&
          h("button", { type: "button", "aria-label": `Delete ${page.title}`, onclick: () => deletePage(page, overview, reload) }, "Delete")));
  };

  async function move(section, index, step) {
    const sections = overview.sections.map(({ title, pages }) => ({ title, pages: pages.map(({ page }) => page) }));
    const [page] = sections[section].pages.splice(index, 1);
    const next = sections[section + step];
    if (index + step >= 0 && index + step <= sections[section].pages.length) sections[section].pages.splice(index + step, 0, page);
    else if (next && step < 0) next.pages.push(page);
    else if (next) next.pages.unshift(page);
    else return;
    await change("api/menu", { sections }, reload, `Moved. ${wordsFor(overview).done}`);
    document.querySelector(".menu-list")?.classList.add("arranging");
    document.querySelector(`[aria-label^="Move ${CSS.escape(title(page))} ${step < 0 ? "up" : "down"}"]`)?.focus();
  }
  const title = (page) => allPages(overview).find((each) => each.value === page)?.label || "";

  list.append(
    ...overview.sections.map((section, number) => [
      section.title && h("h2", {}, section.title),
      section.pages.length > 0 && h("ul", {}, section.pages.map((page, index) => row(page, number, index))),
    ]).flat().filter(Boolean),
  );
  if (overview.outside.length) {
    list.append(h("h2", {}, "In no menu"), h("ul", {}, overview.outside.map((page) => row(page, -1, 0))));
  }
  fill(main, h("div", { class: "sheet-page" },
    h("h1", {}, "Pages"),
    h("p", { class: "actions" },
      h("button", { type: "button", class: "primary", onclick: () => addPage(overview, reload) }, "Add a page"), arranging),
    list));
  if (sessionStorage.getItem("arranging")) arrange();
}

/** Ask the server for a change of pages or menu, and say what came of it. Returns its answer, or null. */
async function change(url, asked, reload, done) {
  try {
    const answer = await request(url, asked);
    if (answer.status === "refused") {
      await confirm("That would leave mistakes on the site", h("ul", {}, answer.problems.map((problem) => h("li", {}, problem))), "I see");
      return null;
    }
    await reload();
    notify(done);
    return answer;
  } catch (error) {
    await confirm("That cannot be done", error.message, "I see");
    return null;
  }
}

async function addPage(overview, reload) {
  const asked = await ask("Add a page", (close) => {
    const title = h("input", { required: true, maxlength: 80, autocomplete: "off" });
    const description = h("textarea", { required: true, rows: 2 });
    const sectionNames = [...new Set([...overview.sections.map((each) => each.title).filter(Boolean), ""])];
    const template = h("select", {}, overview.templates.map(({ name, title: words }) => h("option", { value: name }, words)));
    const section = h("select", {}, sectionNames.map((name) => h("option", { value: name }, name || "By itself")));
    const submit = (event) => {
      event.preventDefault();
      close({ title: title.value, description: description.value, template: template.value, section: section.value });
    };
    return h("form", { onsubmit: submit },
      field("Name of the page", title, "It is the heading of the page and its name in the menu."),
      field("In search results", description, "One or two sentences: what is the page about?"),
      field("Begin with", template),
      field("Where in the menu", section),
      choices(close, "Add the page"));
  });
  if (!asked) return;
  const answer = await change("api/pages", asked, reload, "The page is there. Now write its words.");
  if (answer) location.hash = editHref(answer.path);
}

async function renamePage(page, reload) {
  const asked = await ask(`Rename “${page.title}”`, (close) => {
    const title = h("input", { required: true, value: page.title, autocomplete: "off" });
    const slug = h("input", { required: true, value: page.page.replace(".md", ""), autocomplete: "off", disabled: page.page === "index.md" });
    const submit = (event) => {
      event.preventDefault();
      close({ path: `docs/${page.page}`, title: title.value, slug: page.page === "index.md" ? "" : slug.value.trim() });
    };
    return h("form", { onsubmit: submit },
      field("Name of the page", title),
      field("Address", slug, "Small letters, figures and hyphens. The old address leads here by itself, also from printed leaflets."),
      choices(close, "Rename"));
  });
  if (!asked) return;
  const answer = await change("api/pages/rename", asked, reload, "Renamed. Links and menus follow.");
  if (answer && answer.path !== asked.path) dropDraft(asked.path);
}

async function deletePage(page, overview, reload) {
  const path = `docs/${page.page}`;
  const { links } = await request(withQuery("api/links", { path }));
  const linkList = h("ul", { class: "links" }, links.map((link) =>
    h("li", {}, h("a", { href: editHref(link.path) }, link.title), `, line ${link.line}: ${link.text}`)));
  if (links.length) {
    await ask(`“${page.title}” cannot be deleted yet`, (close) => [
      h("p", {}, "These places lead to it. Change them first:"),
      linkList,
      h("p", { class: "choices" }, h("button", { type: "button", class: "primary", onclick: () => close() }, "I see")),
    ]);
    return;
  }
  const instead = await ask(`Delete “${page.title}”?`, (close) => {
    const others = allPages(overview).filter(({ value }) => value !== page.page);
    const target = h("select", {}, others.map(({ value, label }) => h("option", { value, selected: value === "index.md" }, label)));
    const submit = (event) => {
      event.preventDefault();
      close(target.value);
    };
    return [
      h("p", {}, "No other page links to it."),
      h("form", { onsubmit: submit },
        field("People who come to its old address see", target),
        choices(close, "Delete the page")),
    ];
  });
  if (instead === undefined) return;
  if (await change("api/pages/delete", { path, instead }, reload, "The page is deleted. Its old address leads to the page that you chose.")) dropDraft(path);
}
