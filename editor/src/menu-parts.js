// The parts of the menu: add one, rename, move or delete it, and move a page into another one.
import { ask, choices, field } from "./dialogs.js";
import { h } from "./dom.js";

export const ALONE = "On its own, not in any part";

/** Return the entries of the menu in order: [{title, pages}]; a page that stands by itself has no title. */
export const entriesOf = (overview) => overview.sections.flatMap(({ title, pages }) =>
  title ? [{ title, pages: pages.map(({ page }) => page) }] : pages.map(({ page }) => ({ title: "", pages: [page] })));

/** Return the index for a new entry: before the third-last part, which is the last tab, or after the home page without one. */
function indexForNew(entries) {
  const parts = entries.filter(({ title }) => title);
  return parts.length > 2 ? entries.indexOf(parts[parts.length - 3]) : 1;
}

/** Return the entries with the page removed from whichever has it. */
const withoutPage = (entries, page) => entries.map((each) => ({ ...each, pages: each.pages.filter((name) => name !== page) }));

/** Return the entries with the part moved up (-1) or down (1), or null at the end of the menu. */
export function movePart(entries, title, offset) {
  const from = entries.findIndex((each) => each.title === title);
  const to = from + offset;
  if (to < 0 || to >= entries.length) return null;
  const newEntries = [...entries];
  newEntries.splice(to, 0, ...newEntries.splice(from, 1));
  return newEntries;
}

/** Ask for a new part and its first page. Returns a promise of the entries with it, or of undefined. */
export async function askForPart(entries, pages) {
  const newPart = await ask("Add a part to the menu", (close) => {
    const title = h("input", { required: true, maxlength: 40, autocomplete: "off" });
    const page = h("select", { required: true }, h("option", { value: "" }, "Choose a page"), pages.map(({ value, label }) => h("option", { value }, label)));
    return h("form", { onsubmit: (event) => { event.preventDefault(); close({ title: title.value.trim(), page: page.value }); } },
      field("Name of the part", title, "Two or three words. The menu at the top will show them."),
      field("Its first page", page, "The menu will open this page, which will move here. You can add others afterwards."),
      choices(close, "Add the part"));
  });
  if (!newPart) return undefined;
  const remainingEntries = withoutPage(entries, newPart.page).filter((each) => each.pages.length);
  remainingEntries.splice(indexForNew(remainingEntries), 0, { title: newPart.title, pages: [newPart.page] });
  return remainingEntries;
}

/** Ask for the part's new name. Returns a promise of the entries with it, or of undefined. */
export async function askForPartName(entries, title) {
  const name = await ask(`Rename the part “${title}”`, (close) => {
    const input = h("input", { required: true, maxlength: 40, value: title, autocomplete: "off" });
    return h("form", { onsubmit: (event) => { event.preventDefault(); close(input.value.trim()); } },
      field("Name of the part", input, "The addresses of its pages will not change."), choices(close, "Rename"));
  });
  return name && entries.map((each) => (each.title === title ? { ...each, title: name } : each));
}

function partChoice(entries, except) {
  const parts = entries.map(({ title }) => title).filter((title) => title && title !== except);
  return h("select", {}, [...parts, ""].map((title) => h("option", { value: title }, title || ALONE)));
}

function putInto(entries, title, pages) {
  if (title) return entries.map((each) => (each.title === title ? { ...each, pages: [...each.pages, ...pages] } : each));
  const newEntries = [...entries];
  newEntries.splice(indexForNew(entries), 0, ...pages.map((page) => ({ title: "", pages: [page] })));
  return newEntries;
}

/** Ask where the part's pages go. Returns a promise of the entries without the part, or of undefined. */
export async function askToDeletePart(entries, title) {
  const part = entries.find((each) => each.title === title);
  const targetTitle = await ask(`Delete the part “${title}”?`, (close) => {
    const target = partChoice(entries, title);
    return [
      h("p", {}, "Its pages will stay on the site, at the same addresses."),
      h("form", { onsubmit: (event) => { event.preventDefault(); close(target.value); } },
        field("Move its pages to", target), choices(close, "Delete the part")),
    ];
  });
  if (targetTitle === undefined) return undefined;
  return putInto(entries.filter((each) => each !== part), targetTitle, part.pages);
}

/** Ask which part the page moves into. Returns a promise of the entries with it there, or of undefined. */
export async function askWhereToMove(entries, { page, title }) {
  const currentEntry = entries.find((each) => each.pages.includes(page));
  const targetTitle = await ask(`Move “${title}”`, (close) => {
    const target = partChoice(entries, currentEntry?.title);
    return h("form", { onsubmit: (event) => { event.preventDefault(); close(target.value); } },
      field("Move it to", target, "It will go at the end. You can move it with Up and Down."), choices(close, "Move"));
  });
  return targetTitle === undefined ? undefined : putInto(withoutPage(entries, page).filter((each) => each.pages.length), targetTitle, [page]);
}
