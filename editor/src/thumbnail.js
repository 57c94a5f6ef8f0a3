// A small picture beside the name of a picture or file.
import { withQuery } from "./api.js";
import { h } from "./dom.js";

/** Return a small picture of the file at `path`, such as pictures/room.jpg; "PDF" for a PDF. Screen readers skip it: the name is beside it. */
export function thumbnail(path) {
  if (path.endsWith(".pdf")) return h("span", { class: "thumbnail", "aria-hidden": "true" }, "PDF");
  return h("img", { class: "thumbnail", src: withQuery("api/picture", { path }), alt: "", loading: "lazy" });
}
