// The toolbar's commands. Each is one transaction, so that one Undo reverts it.
import { EditorSelection } from "@codemirror/state";

const PREFIX = /^(\s*)(?:[-*+]\s+|\d+[.)]\s+)?/;

function selectedLines(state) {
  const { from, to } = state.selection.main;
  const lines = [];
  for (let number = state.doc.lineAt(from).number; number <= state.doc.lineAt(to).number; number++) {
    lines.push(state.doc.line(number));
  }
  return lines;
}

/** Cycle the line through heading, smaller heading and plain text. */
export function heading(view) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const [, marks, words] = /^(#{1,6}\s+|)(.*)$/.exec(line.text);
  const nextMarks = { 0: "## ", 2: "### ", 3: "" }[marks.trim().length] ?? "## ";
  if (marks.trim() === "#") return true; // the page's title is left alone
  const text = nextMarks + words.replace(PREFIX, "");
  view.dispatch({
    changes: [{ from: line.from, to: line.to, insert: text }, ...blankLinesAround(view.state, line, line, false)],
    userEvent: "input.format",
    scrollIntoView: false,
  });
  return focus(view);
}

/** Make the selected words bold, or plain if they are bold. */
export function bold(view) {
  const { state } = view;
  view.dispatch(
    state.changeByRange((range) => {
      const selectedText = state.sliceDoc(range.from, range.to);
      const surroundingText = state.sliceDoc(range.from - 2, range.to + 2);
      if (/^\*\*[\s\S]*\*\*$/.test(surroundingText) && surroundingText.length === selectedText.length + 4) {
        return {
          changes: [{ from: range.from - 2, to: range.from }, { from: range.to, to: range.to + 2 }],
          range: EditorSelection.range(range.from - 2, range.to - 2),
        };
      }
      const words = selectedText || "words";
      return {
        changes: { from: range.from, to: range.to, insert: `**${words}**` },
        range: EditorSelection.range(range.from + 2, range.from + 2 + words.length),
      };
    }),
    { userEvent: "input.format" },
  );
  return focus(view);
}

/** Return a command that makes the selected lines a bulleted (`- `) or numbered (`1. `) list, or plain lines again. */
export function list(numbered) {
  return (view) => {
    const { state } = view;
    const lines = selectedLines(state).filter((line, _, all) => line.text.trim() || all.length === 1);
    if (!lines.length) return focus(view);
    const markerPattern = numbered ? /^\s*\d+[.)]\s+/ : /^\s*[-*+]\s+/;
    const isList = lines.every((line) => markerPattern.test(line.text));
    const changes = lines.map((line, index) => {
      const indent = PREFIX.exec(line.text);
      const marker = isList ? "" : numbered ? `${index + 1}. ` : "- ";
      return { from: line.from, to: line.from + indent[0].length, insert: indent[1] + marker };
    });
    if (!isList) changes.push(...blankLinesAround(state, lines[0], lines.at(-1), true));
    view.dispatch({ changes: mergeAtSamePosition(changes), userEvent: "input.format" });
    return focus(view);
  };
}

/** Return the changes that add the empty lines which Markdown needs before and after a heading or a list. */
function blankLinesAround(state, first, last, isList) {
  const isListItem = (text) => isList && /^\s*(?:[-*+]|\d+[.)])\s/.test(text);
  const changes = [];
  const lineBefore = first.number > 1 ? state.doc.line(first.number - 1).text : "";
  const lineAfter = last.number < state.doc.lines ? state.doc.line(last.number + 1).text : "";
  if (lineBefore.trim() && !isListItem(lineBefore)) changes.push({ from: first.from, insert: "\n" });
  if (lineAfter.trim() && !isListItem(lineAfter)) changes.push({ from: last.to, insert: "\n" });
  return changes;
}

/** Merge the blank line before a list into the change of the first item, which is at the same position. */
function mergeAtSamePosition(changes) {
  const blankLineIndex = changes.findIndex((change, index) => index && change.from === changes[0].from && change.insert === "\n");
  if (blankLineIndex < 0) return changes;
  changes[0] = { ...changes[0], insert: "\n" + changes[0].insert };
  return changes.filter((_, index) => index !== blankLineIndex);
}

/** Replace the selection with `text`, and put the cursor `offset` characters into it. */
export function insert(view, text, offset = text.length) {
  const { from, to } = view.state.selection.main;
  view.dispatch({
    changes: { from, to, insert: text },
    selection: { anchor: from + offset },
    userEvent: "input.insert",
    scrollIntoView: true,
  });
  return focus(view);
}

/** Insert `text` on lines of its own, with an empty line before and after it. */
export function insertBlock(view, text) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const position = line.text.trim() ? line.to : line.from;
  const textBefore = view.state.sliceDoc(0, position);
  const linesBefore = !textBefore || textBefore.endsWith("\n\n") ? "" : textBefore.endsWith("\n") ? "\n" : "\n\n";
  const lineAfter = view.state.sliceDoc(position, position + 2) === "\n\n" || position === view.state.doc.length ? "" : "\n";
  view.dispatch({
    changes: { from: position, insert: linesBefore + text + lineAfter },
    selection: { anchor: position + linesBefore.length + text.length },
    userEvent: "input.insert",
    scrollIntoView: true,
  });
  return focus(view);
}

function focus(view) {
  view.focus();
  return true;
}
