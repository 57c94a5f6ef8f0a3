// The writing surface for Decap CMS (hosted/words.js makes it a widget called "words").
import { insert } from "./commands.js";
import { h } from "./dom.js";
import { createSurface } from "./surface.js";
import { toolbar } from "./toolbar.js";

const WORDS = "what it shows";

/** Put a picture that was chosen in, with its description selected, to be written over. */
function insertPicture(view, path) {
  const from = view.state.selection.main.from;
  insert(view, `![${WORDS}](${path})`);
  view.dispatch({ selection: { anchor: from + 2, head: from + 2 + WORDS.length } });
}

window.SURFACE = { createSurface, toolbar, insertPicture, h };
