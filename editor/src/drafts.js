// Unsaved words, kept in this browser until they are published or thrown away.

const PREFIX = "draft:";
const PLACE = "place:";

/** Keep `draft`, and the time, for the file or form at `path`. */
export function keepDraft(path, draft) {
  localStorage.setItem(PREFIX + path, JSON.stringify({ ...draft, time: Date.now() }));
}

/** Return the draft for `path`, or null. */
export function readDraft(path) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + path));
  } catch {
    return null;
  }
}

/** Forget the draft for `path`. */
export const dropDraft = (path) => localStorage.removeItem(PREFIX + path);

/** Return the paths for which a draft is kept. */
export const pathsWithDrafts = () =>
  Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length));

/** Keep the cursor and scroll position in the text at `path`, for this tab. */
export const keepPlace = (path, place) => sessionStorage.setItem(PLACE + path, JSON.stringify(place));

/** Return the cursor and scroll position in the text at `path`, or null. */
export function readPlace(path) {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE + path));
  } catch {
    return null;
  }
}
