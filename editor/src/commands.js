// What the toolbar does to the text. Each is one transaction, so that Undo takes it back in one step.
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

/** Make the line a heading, then a smaller heading, then plain text again. */
export function heading(view) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const [, marks, words] = /^(#{1,6}\s+|)(.*)$/.exec(line.text);
  const next = { 0: "## ", 2: "### ", 3: "" }[marks.trim().length] ?? "## ";
  if (marks.trim() === "#") return true; // the page's name stays its name
  const text = next + words.replace(PREFIX, "");
  view.dispatch({
    changes: [{ from: line.from, to: line.to, insert: text }, ...blankLinesAround(view.state, line, line, false)],
    userEvent: "input.format",
    scrollIntoView: false,
  });
  return focus(view);
}

/** Make the selected words bold, or plain again. */
export function bold(view) {
  const { state } = view;
  view.dispatch(
    state.changeByRange((range) => {
      const inside = state.sliceDoc(range.from, range.to);
      const around = state.sliceDoc(range.from - 2, range.to + 2);
      if (/^\*\*[\s\S]*\*\*$/.test(around) && around.length === inside.length + 4) {
        return {
          changes: [{ from: range.from - 2, to: range.from }, { from: range.to, to: range.to + 2 }],
          range: EditorSelection.range(range.from - 2, range.to - 2),
        };
      }
      const words = inside || "words";
      return {
        changes: { from: range.from, to: range.to, insert: `**${words}**` },
        range: EditorSelection.range(range.from + 2, range.from + 2 + words.length),
      };
    }),
    { userEvent: "input.format" },
  );
  return focus(view);
}

/** Make the selected lines a list (`- `) or a numbered list (`1. `), or plain lines again. */
export function list(numbered) {
  return (view) => {
    const { state } = view;
    const lines = selectedLines(state).filter((line, _, all) => line.text.trim() || all.length === 1);
    if (!lines.length) return focus(view);
    const marked = numbered ? /^\s*\d+[.)]\s+/ : /^\s*[-*+]\s+/;
    const undo = lines.every((line) => marked.test(line.text));
    const changes = lines.map((line, index) => {
      const indent = PREFIX.exec(line.text);
      const mark = undo ? "" : numbered ? `${index + 1}. ` : "- ";
      return { from: line.from, to: line.from + indent[0].length, insert: indent[1] + mark };
    });
    if (!undo) changes.push(...blankLinesAround(state, lines[0], lines.at(-1), true));
    view.dispatch({ changes: mergeAtSamePlace(changes), userEvent: "input.format" });
    return focus(view);
  };
}

/** Markdown needs an empty line before and after a heading or a list. */
function blankLinesAround(state, first, last, isList) {
  const partOfList = (text) => isList && /^\s*(?:[-*+]|\d+[.)])\s/.test(text);
  const changes = [];
  const before = first.number > 1 ? state.doc.line(first.number - 1).text : "";
  const after = last.number < state.doc.lines ? state.doc.line(last.number + 1).text : "";
  if (before.trim() && !partOfList(before)) changes.push({ from: first.from, insert: "\n" });
  if (after.trim() && !partOfList(after)) changes.push({ from: last.to, insert: "\n" });
  return changes;
}

/** A blank line before a list comes first at the place where the first item's mark goes in. */
function mergeAtSamePlace(changes) {
  const blank = changes.findIndex((change, index) => index && change.from === changes[0].from && change.insert === "\n");
  if (blank < 0) return changes;
  changes[0] = { ...changes[0], insert: "\n" + changes[0].insert };
  return changes.filter((_, index) => index !== blank);
}

/** Put `text` in place of the selection; the cursor goes behind it, or `inside` characters into it. */
export function insert(view, text, inside = text.length) {
  const { from, to } = view.state.selection.main;
  view.dispatch({
    changes: { from, to, insert: text },
    selection: { anchor: from + inside },
    userEvent: "input.insert",
    scrollIntoView: true,
  });
  return focus(view);
}

/** Put `text` on lines of its own, with an empty line before and after it. */
export function insertBlock(view, text) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const at = line.text.trim() ? line.to : line.from;
  const before = view.state.sliceDoc(0, at);
  const lead = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const tail = view.state.sliceDoc(at, at + 2) === "\n\n" || at === view.state.doc.length ? "" : "\n";
  view.dispatch({
    changes: { from: at, insert: lead + text + tail },
    selection: { anchor: at + lead.length + text.length },
    userEvent: "input.insert",
    scrollIntoView: true,
  });
  return focus(view);
}

function focus(view) {
  view.focus();
  return true;
}
