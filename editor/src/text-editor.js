// One page or leaflet: the words, the real page beside them, and Publish.
import { request, withQuery } from "./api.js";
import { resolve } from "./conflict.js";
import { field } from "./dialogs.js";
import { debounce, fill, h, hideMessage, notify, setWords } from "./dom.js";
import { dropDraft, keepDraft, keepPlace, readDraft, readPlace } from "./drafts.js";
import { showHistory } from "./history.js";
import { paneSwitch } from "./pane-switch.js";
import { createPreview } from "./preview.js";
import { thingsToFix, showProblems } from "./problems.js";
import { createSurface } from "./surface.js";
import { putPicture, serverPictures, toolbar } from "./toolbar.js";
import { wordsFor } from "./words.js";

/** Show the editor for the file at `path` in `main`. Returns a function to call before leaving it. */
export async function editText(main, path, overview) {
  const file = await request(withQuery("api/file", { path }));
  const draft = readDraft(path);
  const text = draft?.body ?? file.body;
  let version = draft?.version ?? file.version;
  let base = draft?.base ?? file.body; // the text when its editing began
  let savedText = { body: file.body, description: file.description ?? "" };
  let buildResult = { problems: [], older: [] };
  let isSaving = false; // while the server saves
  let surface;
  const words = wordsFor(overview);

  const description = file.description !== undefined && h("textarea", { rows: 2, lang: "en-GB", spellcheck: "true" });
  if (description) description.value = draft?.description ?? file.description;
  const currentText = () => ({ body: surface.text(), description: description ? description.value : undefined });
  const hasChanges = () => surface.text() !== savedText.body || (description && description.value.trim() !== savedText.description.trim());

  const problems = h("div", { class: "problems", role: "status" }, "Loading the words …");
  const note = h("div", { class: "note", hidden: true });
  const publishButton = h("button", { type: "button", class: "primary", onclick: () => publish() }, words.button);
  const discard = h("button", { type: "button", onclick: () => throwAway() }, "Throw my changes away");
  const state = h("span", { class: "state", role: "status" });
  const tools = h("div");
  const surfaceElement = h("div", { class: "surface" });

  const showState = () => {
    const isEdited = hasChanges();
    const hasProblems = buildResult.problems.length > 0;
    setWords(publishButton, isEdited && hasProblems ? `${words.cannot}: ${thingsToFix(buildResult.problems.length).toLowerCase()}` : words.button);
    publishButton.setAttribute("aria-disabled", String(!isEdited || hasProblems || isSaving));
    discard.hidden = !isEdited || isSaving;
    state.textContent = isSaving ? words.doing : isEdited ? `${words.changed} Your words are kept in this browser.` : words.unchanged;
  };
  const keep = () => {
    if (hasChanges()) keepDraft(path, { ...currentText(), version, base });
    else dropDraft(path);
    showState();
  };
  const onChange = () => {
    keep();
    preview.update();
  };
  const onLine = debounce((number) => follow(preview, surface.view.state.doc, number), 50);

  const preview = createPreview({
    content: () => ({ path, ...currentText() }),
    onProblems: (result) => {
      buildResult = result;
      showProblems(problems, result, path, (line) => surface.goTo(line));
      showState();
    },
  });
  surface = createSurface({
    parent: surfaceElement,
    text,
    label: "The words of the page",
    firstLine: file.firstLine,
    place: readPlace(path),
    onChange,
    onLine,
    onPicture: (picture) => putPicture(surface.view, serverPictures, picture),
  });
  const pages = path.startsWith("docs/") && allPages(overview);
  fill(tools, toolbar(surface, { pages, facts: overview.facts, pictures: path.startsWith("docs/") && serverPictures }));
  if (description) description.addEventListener("input", onChange);

  async function publish() {
    if (publishButton.getAttribute("aria-disabled") === "true") {
      if (buildResult.problems.length) problems.scrollIntoView({ block: "nearest" });
      return;
    }
    isSaving = true;
    showState();
    hideMessage();
    const sentText = currentText();
    try {
      const response = await request("api/publish", { path, ...sentText, version, base });
      isSaving = false;
      if (response.status === "conflict") await resolveConflict(response);
      else if (response.status === "refused") onRefused(response);
      else {
        version = response.version;
        base = sentText.body;
        savedText = { body: sentText.body, description: sentText.description ?? "" };
        note.hidden = true;
        title.textContent = /^# +(.+)$/m.exec(sentText.body)?.[1].trim() || file.title;
        keep();
        notify(response.older.length ? "Saved. The public will see it once the mistakes on other pages are fixed." : words.done);
      }
    } catch (error) {
      isSaving = false;
      notify(error.message);
    }
    showState();
  }

  function onRefused(response) {
    buildResult = response;
    showProblems(problems, response, path, (line) => surface.goTo(line));
    notify(words.refused);
  }

  async function resolveConflict(response) {
    const chosen = await resolve(response.body, surface.text(), response.both ?? null);
    if (chosen === undefined) return;
    version = response.version;
    base = response.body;
    savedText = { ...savedText, body: response.body };
    if (chosen !== surface.text()) surface.replace(chosen);
    keep();
    notify(`Read the words through, then press ${words.button}.`);
  }

  function throwAway() {
    surface.replace(savedText.body);
    if (description) description.value = savedText.description;
    note.hidden = true;
    onChange();
    notify("Your changes have been thrown away. To get the words back, press Undo.");
  }

  if (draft && hasChanges()) {
    const when = new Date(draft.time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    fill(note, draft.isNew
      ? `So far the page shows its name and your sentence. Write over the rest, then press ${words.button}.`
      : `The words you typed on ${when} are back. ${words.changed}`);
    if (draft.version !== file.version) note.append(` The page has changed since then: when you press ${words.button}, you will see both versions.`);
    note.hidden = false;
  }

  const title = h("h1", {}, file.title);
  const historyButton = h("button", { type: "button", onclick: () => showHistory(path, surface, description, words) }, "Earlier versions");
  const view = paneSwitch(() => preview.followAgain());
  fill(
    main,
    h("div", { class: "editor" },
      h("div", { class: "editor-head" },
        title,
        h("div", { class: "actions" }, overview.history && historyButton, discard, publishButton)),
      note,
      view.tabs,
      h("div", { class: "panes" },
        h("section", { class: "words", "aria-label": "Words" }, tools, surfaceElement,
          description && h("details", {}, h("summary", {}, "In search results"),
            field("What search engines show under the page’s name", description, "One or two sentences."))),
        preview.element),
      h("div", { class: "editor-foot" }, problems, state)),
  );
  view.start(main.querySelector(".panes"));
  preview.build();
  showState();
  surface.view.focus();
  const place = readPlace(path);
  if (place?.line) surface.goTo(place.line);
  else if (place) surface.view.scrollDOM.scrollTop = place.scroll;

  const savePlace = () => keepPlace(path, surface.place());
  window.addEventListener("pagehide", savePlace);
  return () => {
    savePlace();
    window.removeEventListener("pagehide", savePlace);
    onLine.cancel();
    preview.destroy();
    surface.destroy();
  };
}

const MARKUP = /\{:.*?\}|<[^>]*>/g;
const BLOCK_START = /^\s*(?:#|[-*+] |\d+[.)] |>|\||!!!|\?\?\?)/;

/** Show the paragraph, list item or heading at line `number` in the preview; for a line without words, the one above. */
function follow(preview, doc, number) {
  const text = (line) => doc.line(line).text.replace(MARKUP, "");
  let first = number;
  while (first > 1 && !/[\p{L}\p{N}]{2}/u.test(text(first))) first -= 1;
  let last = first;
  while (first > 1 && !BLOCK_START.test(text(first)) && text(first - 1).trim()) first -= 1;
  while (last < doc.lines && text(last + 1).trim() && !BLOCK_START.test(text(last + 1))) last += 1;
  const words = Array.from({ length: last - first + 1 }, (_, index) => text(first + index)).join(" ");
  preview.follow(words, number / doc.lines);
}

/** Return every page as an option: its title, and the file name that links to it. */
export function allPages(overview) {
  const pages = [...overview.sections.flatMap((section) => section.pages), ...overview.outside];
  return pages.map(({ page, title }) => ({ value: page, label: title, note: page }));
}
