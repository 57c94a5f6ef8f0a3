// Earlier versions of a page: what changed, and how to go back.
import { request, withQuery } from "./api.js";
import { compare } from "./conflict.js";
import { ask } from "./dialogs.js";
import { fill, h, notify } from "./dom.js";

const DAY = { dateStyle: "long", timeStyle: "short" };

/** Show the versions of the file at `path`; one that is chosen is put into `surface` as unsaved words. */
export async function showHistory(path, surface, description, words) {
  let versions;
  try {
    ({ versions } = await request(withQuery("api/history", { path })));
  } catch (error) {
    return notify(error.message);
  }
  const chosen = await ask(
    "Earlier versions",
    (close) => {
      const shown = h("div", { class: "compare" });
      const actions = h("p", { class: "choices" });
      const leave = h("button", { type: "button", onclick: () => close(undefined) }, "Close");
      const show = async (version) => {
        const text = await request(withQuery("api/history/text", { path, id: version.id }));
        fill(shown);
        compare(shown, text.body, surface.text(), false);
        const back = h("button", { type: "button", class: "primary", onclick: () => close(text) }, "Go back to this version");
        fill(actions, back, leave);
      };
      const row = (version) =>
        h("li", {}, h("button", { type: "button", onclick: () => show(version).catch((error) => notify(error.message)) },
          h("span", {}, version.what), h("small", {}, `${new Date(version.when).toLocaleString("en-GB", DAY)}, ${version.who}`)));
      fill(actions, leave);
      return [
        versions.length ? h("ol", { class: "chooser versions" }, versions.map(row)) : h("p", {}, "This page has no earlier versions yet."),
        h("div", { class: "compare-names" }, h("strong", {}, "Then"), h("strong", {}, "Now")),
        shown,
        actions,
      ];
    },
    { wide: true },
  );
  if (!chosen) return;
  surface.replace(chosen.body);
  if (description && chosen.description !== null) description.value = chosen.description;
  notify(`This is what it said then. Nothing changes until you press ${words.button}.`);
}
