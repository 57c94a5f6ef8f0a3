// The field of a setting that is a picture, such as a logo: upload one, choose an existing one, or remove it.
import { chooser, field as labelled } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { thumbnail } from "./thumbnail.js";
import { pictureOption, serverPictures } from "./toolbar.js";

const KINDS = /\.(png|jpe?g|webp)$/i;
const HINT = "PNG, JPEG or WebP, up to 10 MB. Large pictures are made smaller, and the record of where they were taken is removed.";

/** Return the field; `onChange(path)` is called with the path of the new picture, or "" when it was removed. */
export function pictureField(field, value, onChange) {
  const fileInput = h("input", { type: "file", class: "sent-at-once", accept: ".png,.jpg,.jpeg,.webp" });
  const state = h("span", { class: "picture-state", role: "status" });
  const error = h("span", { class: "error", role: "alert" });
  const shown = h("span", {});
  const remove = h("button", { type: "button", onclick: () => set("") }, "Remove the picture");
  const existingPictures = h("details", { class: "known-pictures", ontoggle: () => existingPictures.open && list() },
    h("summary", {}, "Choose one that is already here"), h("div", {}));

  function show(path) {
    fill(shown, path && thumbnail(path));
    state.textContent = path ? `Now: ${path.replace("pictures/", "")}` : "There is no picture.";
    remove.hidden = !path;
    error.textContent = "";
  }
  function set(path) {
    fileInput.value = "";
    existingPictures.open = false;
    show(path);
    onChange(path);
  }
  async function list() {
    const pictures = (await serverPictures.load()).filter(({ path }) => KINDS.test(path));
    const options = pictures.map(pictureOption);
    fill(existingPictures.lastElementChild, options.length ? chooser(options, (option) => set(option.value), "Find a picture") : "There are none yet.");
  }
  fileInput.addEventListener("change", async () => {
    const [file] = fileInput.files;
    if (!file) return;
    // A drawing (SVG) can hold a program.
    if (!KINDS.test(file.name)) return void (error.textContent = "Save it as a PNG or JPEG first, then choose that file.");
    try {
      set(await serverPictures.upload(file));
    } catch (problem) {
      error.textContent = problem.message;
    }
  });
  show(value || "");
  const element = labelled(field.label, fileInput, [field.hint, HINT].filter(Boolean).join(" "));
  element.append(error, h("span", { class: "picture-now" }, shown, state, remove));
  return h("div", {}, element, existingPictures);
}
