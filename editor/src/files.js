// Pictures and PDFs: upload one, list them with the pages that use them, and delete one that is not used.
import { request, withQuery } from "./api.js";
import { confirm } from "./dialogs.js";
import { fill, h, notify } from "./dom.js";
import { thumbnail } from "./thumbnail.js";
import { serverPictures } from "./toolbar.js";

/** Show the pictures and files in `main`. */
export async function showFiles(main) {
  const { pictures } = await request("api/pictures");
  const fileInput = h("input", { type: "file", id: "send", accept: ".jpg,.jpeg,.png,.webp,.gif,.svg,.pdf" });
  fileInput.addEventListener("change", async () => {
    if (!fileInput.files[0]) return;
    try {
      await serverPictures.upload(fileInput.files[0]);
      await showFiles(main);
    } catch (error) {
      notify(error.message);
    }
  });
  const remove = async (path) => {
    if (!(await confirm("Delete this file?", path.replace("pictures/", ""), "Delete"))) return;
    try {
      await request(withQuery("api/pictures", { path }), undefined, "DELETE");
      await showFiles(main);
      notify("Deleted.");
    } catch (error) {
      notify(error.message);
    }
  };
  const row = ({ path, usedBy }) =>
    h("li", { class: "page-row" }, thumbnail(path), h("span", { class: "name" }, path.replace("pictures/", "")),
      h("small", {}, usedBy.length ? `used by ${usedBy.join(", ")}` : "not used on any page, so it is not published"),
      !usedBy.length && h("button", { type: "button", "aria-label": `Delete ${path}`, onclick: () => remove(path) }, "Delete"));
  fill(main, h("div", { class: "sheet-page" },
    h("h1", {}, "Pictures and files"),
    h("p", {}, "A file is published with the page that uses it. To add one to a page, press Picture above the words."),
    h("p", { class: "field" }, h("label", { for: "send" }, "Upload a file"), h("span", { class: "hint" }, "JPEG, PNG or PDF, up to 10 MB."), fileInput),
    pictures.length ? h("ul", {}, pictures.map(row)) : h("p", {}, "There are no files yet.")));
}
