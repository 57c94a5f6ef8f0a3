// Another person changed the file while it was open here: show both versions, and let this person choose.
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { ask } from "./dialogs.js";
import { h } from "./dom.js";

const nonce = () => EditorView.cspNonce.of(document.querySelector("meta[name=nonce]")?.content || "");

/** Show two texts side by side. If `editable`, differences can be copied to the right. Returns the MergeView. */
export function compare(parent, left, right, editable) {
  const readOnlyExtensions = [EditorView.editable.of(false), EditorState.readOnly.of(true)];
  const baseExtensions = [EditorView.lineWrapping, EditorState.lineSeparator.of("\n"), nonce()];
  return new MergeView({
    parent,
    a: { doc: left, extensions: [...baseExtensions, ...readOnlyExtensions] },
    b: { doc: right, extensions: editable ? baseExtensions : [...baseExtensions, ...readOnlyExtensions] },
    revertControls: editable ? "a-to-b" : undefined,
    collapseUnchanged: { margin: 2, minSize: 4 },
    gutter: false,
  });
}

/**
 * Ask which text to keep. `both` is the merged text, or null if the two changes overlap.
 *
 * Returns a promise of the chosen text, or of undefined to decide later.
 */
export function resolve(theirs, mine, both) {
  return ask(
    "This page has changed since you opened it",
    (close) => {
      const container = h("div", { class: "compare" });
      const view = compare(container, theirs, both ?? mine, true);
      return [
        h("p", {}, both === null
          ? "On the left is the saved version. On the right are your words, which you can change here. Press an arrow to copy the words on the left into yours."
          : "On the left is the saved version. On the right are both changes together, which you can still change here."),
        h("div", { class: "compare-names" }, h("strong", {}, "The saved version"), h("strong", {}, both === null ? "Your version" : "Both together")),
        container,
        h(
          "p",
          { class: "choices" },
          h("button", { type: "button", class: "primary", onclick: () => close(view.b.state.doc.toString()) }, "Use your version, on the right"),
          h("button", { type: "button", onclick: () => close(theirs) }, "Use the saved version"),
          h("button", { type: "button", onclick: () => close(undefined) }, "Decide later"),
        ),
      ];
    },
    { wide: true },
  );
}
