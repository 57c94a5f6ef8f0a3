// Earlier versions of a page, a leaflet or the settings: what changed, and how to go back.
import { request, withQuery } from "./api.js";
import { compare } from "./conflict.js";
import { ask } from "./dialogs.js";
import { fill, h, notify } from "./dom.js";

const DAY = { dateStyle: "long", timeStyle: "short" };

/** When a version was made, in words. */
export const dayOf = (version) => new Date(version.when).toLocaleString("en-GB", DAY);

/**
 * Let the person choose an earlier version of the file at `path`.
 *
 * `show(version, place)` shows in `place` what differs, and returns (a promise of) what is chosen with it, null when
 * nothing differs. Returns a promise of that, or undefined.
 */
export async function chooseVersion(path, show) {
  let versions;
  try {
    ({ versions } = await request(withQuery("api/history", { path })));
  } catch (error) {
    return void notify(error.message);
  }
  return ask(
    "Earlier versions",
    (close) => {
      const shown = h("div");
      const actions = h("p", { class: "choices" });
      const leave = h("button", { type: "button", onclick: () => close(undefined) }, "Close");
      const choose = async (version) => {
        fill(shown);
        const chosen = await show(version, shown);
        const back = h("button", { type: "button", class: "primary", onclick: () => close(chosen) }, "Go back to this version");
        fill(actions, chosen !== null && back, leave);
      };
      const press = ({ currentTarget }, version) => {
        list.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each === currentTarget)));
        choose(version).catch((error) => notify(error.message));
      };
      const row = (version) =>
        h("li", {}, h("button", { type: "button", "aria-pressed": "false", onclick: (event) => press(event, version) },
          h("span", {}, version.what), h("small", {}, `${dayOf(version)}, ${version.who}`)));
      const list = h("ol", { class: "chooser versions" }, versions.map(row));
      fill(actions, leave);
      return [
        h("p", {}, versions.length ? "Choose a version to see what differs from now." : "There are no earlier versions yet."),
        versions.length > 0 && list,
        shown,
        actions,
      ];
    },
    { wide: true },
  );
}

/** Show the versions of the page or leaflet at `path`; one that is chosen is put into `surface` as unsaved words. */
export async function showHistory(path, surface, description, words) {
  const chosen = await chooseVersion(path, async (version, place) => {
    const text = await request(withQuery("api/history/text", { path, id: version.id }));
    if (text.body === surface.text()) {
      place.append(h("p", {}, "This is what it says now."));
      return null;
    }
    const both = h("div", { class: "compare" });
    place.append(h("div", { class: "compare-names" }, h("strong", {}, "Then"), h("strong", {}, "Now")), both);
    compare(both, text.body, surface.text(), false);
    return text;
  });
  if (!chosen) return;
  surface.replace(chosen.body);
  if (description && chosen.description !== null) description.value = chosen.description;
  notify(`This is what it said then. Nothing changes until you press ${words.button}.`);
}
