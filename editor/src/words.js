// What the main button does: it publishes, or, with `make edit`, it saves on this machine. All the words about it are here.

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
