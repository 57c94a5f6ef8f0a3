// The entry point: shows the part of the editor that the URL's fragment names.
import { request } from "./api.js";
import { fill, h, notify } from "./dom.js";
import { pathsWithDrafts } from "./drafts.js";
import { showFiles } from "./files.js";
import { editHref, showPages } from "./page-list.js";
import { showSettings } from "./settings.js";
import { editText } from "./text-editor.js";
import { wordsFor } from "./words.js";

const main = document.getElementById("main");
let leave = () => {};

function showLeaflets(overview) {
  const drafts = new Set(pathsWithDrafts());
  const row = ({ path, title }) =>
    h("li", { class: "page-row" }, h("a", { href: editHref(path) }, title), drafts.has(path) && h("span", { class: "badge" }, wordsFor(overview).changed));
  fill(main, h("div", { class: "sheet-page" }, h("h1", {}, "Leaflets"), h("ul", {}, overview.leaflets.map(row))));
}

async function show() {
  leave();
  leave = () => {};
  const route = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  document.body.classList.toggle("editing", route.startsWith("edit/"));
  document.querySelectorAll(".top nav a").forEach((link) => {
    const isCurrent = link.hash.replace(/^#\/?/, "") === route.split("/")[0];
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  try {
    const overview = await request("api/overview");
    if (route.startsWith("edit/")) leave = await editText(main, route.slice("edit/".length), overview);
    else if (route === "leaflets") showLeaflets(overview);
    else if (route === "files") await showFiles(main);
    else if (route.startsWith("settings")) leave = (await showSettings(main, route.split("/")[1] || "", overview)) || (() => {});
    else showPages(main, overview, show);
  } catch (error) {
    fill(main, h("div", { class: "sheet-page" }, h("h1", {}, "That did not work"), h("p", { role: "alert" }, error.message)));
    notify(error.message);
  }
}

window.addEventListener("hashchange", show);
show();
