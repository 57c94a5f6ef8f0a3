// The writing surface: CodeMirror on plain Markdown, so that text is never rewritten unless it is edited.
import { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
import { markdown, markdownKeymap, markdownLanguage } from "@codemirror/lang-markdown";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { bold, insert, insertBlock } from "./commands.js";
import { cleanText, htmlToMarkdown } from "./paste.js";

const HIGHLIGHT_STYLE = HighlightStyle.define([
  { tag: tags.heading1, fontSize: "1.4em", fontWeight: "700" },
  { tag: tags.heading2, fontSize: "1.2em", fontWeight: "700" },
  { tag: tags.heading3, fontWeight: "700" },
  { tag: tags.strong, fontWeight: "700" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.link, color: "var(--link)" },
  { tag: tags.url, color: "var(--quiet)" },
  { tag: tags.processingInstruction, color: "var(--mark)" },
]);

// The words of the panel that finds and replaces.
const SEARCH_WORDS = {
  next: "Next",
  previous: "Previous",
  all: "Select all",
  "match case": "Same capitals",
  "by word": "Whole words",
  replace: "Replace this one",
  "replace all": "Replace all",
};

function paste(onPicture) {
  return (event, view) => {
    const data = event.clipboardData;
    const picture = [...(data?.files || [])].find((file) => file.type.startsWith("image/"));
    const html = data?.getData("text/html") || "";
    const plain = data?.getData("text/plain") || "";
    if (picture && !plain && onPicture) {
      event.preventDefault();
      onPicture(picture);
      return true;
    }
    const markdownText = html && htmlToMarkdown(html);
    const text = markdownText || cleanText(plain);
    if (!text) return false;
    event.preventDefault();
    if (markdownText && /\n/.test(markdownText) && view.state.selection.main.empty) insertBlock(view, markdownText);
    else insert(view, text);
    return true;
  };
}

/** Select a line without its line end on a triple click, so that typing replaces only the line's text. */
function selectLine(event, view) {
  const position = event.detail === 3 && event.button === 0 ? view.posAtCoords({ x: event.clientX, y: event.clientY }) : null;
  if (position === null) return false;
  const line = view.state.doc.lineAt(position);
  event.preventDefault();
  view.dispatch({ selection: { anchor: line.from, head: line.to } });
  view.focus();
  return true;
}

/**
 * Put a writing surface into `parent`.
 *
 * `onChange(text)` is called after each change, `onLine(number)` also when the cursor moves to another line.
 * `firstLine` is the number of the text's first line in its file.
 */
export function createSurface({ parent, text, label, firstLine = 1, place, onChange, onLine, onPicture }) {
  let shownLine = 0;
  const listener = EditorView.updateListener.of((update) => {
    if (update.docChanged) onChange(update.state.doc.toString());
    const line = update.state.doc.lineAt(update.state.selection.main.head);
    if (update.docChanged || line.number !== shownLine) {
      shownLine = line.number;
      onLine?.(line.number);
    }
  });
  const state = EditorState.create({
    doc: text,
    selection: { anchor: Math.min(place?.cursor || 0, text.length) },
    extensions: [
      EditorState.lineSeparator.of("\n"),
      history(),
      EditorState.phrases.of(SEARCH_WORDS),
      lineNumbers({ formatNumber: (number) => String(number + firstLine - 1) }),
      EditorView.lineWrapping,
      markdown({ base: markdownLanguage, addKeymap: false }),
      syntaxHighlighting(HIGHLIGHT_STYLE),
      keymap.of([{ key: "Mod-b", run: bold }, ...markdownKeymap, ...defaultKeymap, ...historyKeymap, ...searchKeymap]),
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "true", lang: "en-GB", autocapitalize: "sentences" }),
      EditorView.domEventHandlers({ paste: paste(onPicture), mousedown: selectLine }),
      EditorView.cspNonce.of(document.querySelector("meta[name=nonce]")?.content || ""),
      listener,
    ],
  });
  const view = new EditorView({ state, parent });
  if (place) requestAnimationFrame(() => (view.scrollDOM.scrollTop = place.scroll));
  return {
    view,
    text: () => view.state.doc.toString(),
    place: () => ({ cursor: view.state.selection.main.head, scroll: view.scrollDOM.scrollTop }),
    /** Replace the whole text, as one step that Undo reverts. */
    replace(other) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: other }, userEvent: "input.replace" });
    },
    goTo(number) {
      const line = view.state.doc.line(Math.max(1, Math.min(number - firstLine + 1, view.state.doc.lines)));
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
      view.focus();
    },
    undo: () => undo(view),
    redo: () => redo(view),
    destroy: () => view.destroy(),
  };
}
