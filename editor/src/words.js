// All words about the main button, which publishes or, with `make edit`, saves on this machine.

const PUBLISH = {
  button: "Publish",
  done: "Published. The site will show it in a few minutes.",
  changed: "Not published yet.",
  unchanged: "Everything is published.",
  cannot: "Cannot publish yet",
  doing: "Publishing …",
  refused: "Not published: there is something to fix.",
};
const SAVE = {
  button: "Save",
  done: "Saved on this machine.",
  changed: "Not saved yet.",
  unchanged: "Everything is saved.",
  cannot: "Cannot save yet",
  doing: "Saving …",
  refused: "Not saved: there is something to fix.",
};

/** Return the words for the editor that `overview` describes. */
export const wordsFor = (overview) => (overview.publishes ? PUBLISH : SAVE);
