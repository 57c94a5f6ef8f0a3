// The buttons above the words.
import { request, withQuery } from "./api.js";
import { bold, heading, insert, insertBlock, list } from "./commands.js";
import { ask, choices, chooser, field } from "./dialogs.js";
import { h, notify } from "./dom.js";

const URL_PATTERN = /^(https:\/\/|mailto:|tel:)\S+$/;

/** Return the toolbar for `surface`. `pages` and `facts` are lists for its dialogs; `pictures` loads and uploads files. */
export function toolbar(surface, { pages, facts, pictures }) {
  const { view } = surface;
  const button = (label, title, action) => h("button", { type: "button", title, onclick: action }, label);
  const bar = h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Insert and format" },
    button("Undo", "Undo the last change (Ctrl Z)", () => surface.undo()),
    button("Redo", "Redo what you undid (Ctrl Y)", () => surface.redo()),
    button("Heading", "Heading, smaller heading, plain text", () => heading(view)),
    button("Bold", "Bold (Ctrl B)", () => bold(view)),
    button("List", "List with bullets", () => list(false)(view)),
    button("1. List", "Numbered list", () => list(true)(view)),
    pages && button("Link", "Link to a page or to another site", () => putLink(view, pages)),
    pictures && button("Picture", "A picture or a PDF", () => putPicture(view, pictures)),
    facts && button("Fact", "Phone number, hours and other facts about the service", () => putFact(view, facts)),
  );
  return bar;
}

async function putLink(view, pages) {
  const { from, to } = view.state.selection.main;
  const selectedText = view.state.sliceDoc(from, to);
  const link = await ask("Link", (close) => {
    const words = h("input", { value: selectedText, autocomplete: "off" });
    const url = h("input", { type: "url", placeholder: "https://", autocomplete: "off" });
    const error = h("p", { class: "error", role: "alert" });
    const finish = (target, name) => close({ words: words.value.trim() || name, target });
    return [
      field("Words to show", words, "Leave it empty to use the page’s name."),
      h("h3", {}, "To a page of this site"),
      ...chooser(pages, (page) => finish(page.value, page.label), "Find a page"),
      h("form", {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          if (URL_PATTERN.test(url.value.trim())) finish(url.value.trim(), url.value.trim().replace(/^https:\/\//, ""));
          else error.textContent = "Write the whole address, starting with https://";
        },
      }, field("Or to another site", url), error, choices(close, "Add the link")),
    ];
  });
  const followsWord = /[\p{L}\p{N}.,;:!?)]/u.test(view.state.sliceDoc(from - 1, from));
  if (link) insert(view, `${followsWord ? " " : ""}[${link.words}](${link.target})`);
}

async function putFact(view, facts) {
  const options = facts.map(([name, value, label]) => ({ value: name, label: value, note: label }));
  const name = await ask("Insert a fact about the service", (close) => [
    h("p", {}, "If you change it under Settings, it changes on every page."),
    ...chooser(options, (option) => close(option.value), "Find a fact"),
    h("p", { class: "choices" }, h("button", { type: "button", onclick: () => close(undefined) }, "Cancel")),
  ]);
  if (name) insert(view, `{{ ${name} }}`);
}

/** Ask for a picture or PDF and its description, and insert it. `file` is a picture that was pasted, if any. */
export async function putPicture(view, { load, upload }, file) {
  const existingPictures = file ? [] : await load();
  const chosen = await ask("Picture or PDF", (close) => {
    const source = h("input", { type: "file", accept: ".jpg,.jpeg,.png,.webp,.gif,.svg,.pdf" });
    const words = h("textarea", { rows: 3 });
    const error = h("p", { class: "error", role: "alert" });
    let path = "";
    const chosenNote = h("p", { class: "hint" });
    const finish = async (event) => {
      event.preventDefault();
      const chosenFile = file || source.files[0];
      if (!chosenFile && !path) return void (error.textContent = "Choose a file first.");
      if (!words.value.trim()) return void (error.textContent = "Say what it shows, for people who cannot see it.");
      try {
        close({ path: path || (await upload(chosenFile)), words: words.value.trim().replace(/\s+/g, " ") });
      } catch (problem) {
        error.textContent = problem.message;
      }
    };
    return h(
      "form",
      { novalidate: true, onsubmit: finish },
      !file && field("From this computer or phone", source, "JPEG, PNG or PDF, up to 10 MB. Photos are made smaller, and the record of where they were taken is removed."),
      existingPictures.length > 0 && h("details", {}, h("summary", {}, "Choose one that is already here"),
        ...chooser(existingPictures.map(pictureOption), (option) => {
          path = option.value;
          chosenNote.textContent = `Chosen: ${option.label}`;
        }, "Find a picture")),
      chosenNote,
      field("What does it show?", words, "One sentence, which will be read out to people who cannot see it. For a PDF, write the words of the link."),
      error,
      choices(close, "Add it"),
    );
  });
  if (!chosen) return;
  const prefix = chosen.path.endsWith(".pdf") ? "" : "!";
  const text = `${prefix}[${chosen.words.replace(/[[\]]/g, "")}](${chosen.path})`;
  if (prefix) insertBlock(view, text);
  else insert(view, text);
}

/** Return the option of a `chooser` for a picture. */
export const pictureOption = ({ path }) => ({ value: path, label: path.replace("pictures/", ""), picture: path });

/** The pictures that the editor's server stores. */
export const serverPictures = {
  load: async () => (await request("api/pictures")).pictures,
  upload: async (file) => {
    const { path } = await request(withQuery("api/pictures", { name: file.name || "picture.png" }), file);
    notify("The file has been added. It will be published with the page that uses it.");
    return path;
  },
};
