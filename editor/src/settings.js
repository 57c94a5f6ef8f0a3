// The settings of mkdocs.yml, as forms that are made from their schema.
import { fill, h } from "./dom.js";

export async function showSettings(main) {
  fill(main, h("div", { class: "sheet-page" }, h("h1", {}, "Settings")));
}
