// Earlier versions of a page, a leaflet or the settings: what changed, and how to go back.
import { request, withQuery } from "./api.js";
import { compare } from "./conflict.js";
import { ask } from "./dialogs.js";
import { fill, h, notify } from "./dom.js";

const DATE_FORMAT = { dateStyle: "long", timeStyle: "short" };

/** Return the date and time of a version in words. */
export const dateAndTime = (version) => new Date(version.when).toLocaleString("en-GB", DATE_FORMAT);

/**
 * Let the person choose an earlier version of the file at `path`.
 *
 * `showDifferences(version, element)` shows in `element` how the version differs from now. It returns a value for the
 * version, or a promise of one: null if nothing differs. Returns a promise of the chosen version's value, or of undefined.
 */
export async function chooseVersion(path, showDifferences) {
  let versions;
  try {
    ({ versions } = await request(withQuery("api/history", { path })));
  } catch (error) {
    return void notify(error.message);
  }
  return ask(
    "Earlier versions",
    (close) => {
      const differences = h("div");
      const buttons = h("p", { class: "choices" });
      const closeButton = h("button", { type: "button", onclick: () => close(undefined) }, "Close");
      const choose = async (version) => {
        fill(differences);
        const chosen = await showDifferences(version, differences);
        const restoreButton = h("button", { type: "button", class: "primary", onclick: () => close(chosen) }, "Go back to this version");
        fill(buttons, chosen !== null && restoreButton, closeButton);
      };
      const onPress = ({ currentTarget }, version) => {
        list.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each === currentTarget)));
        choose(version).catch((error) => notify(error.message));
      };
      const row = (version) =>
        h("li", {}, h("button", { type: "button", "aria-pressed": "false", onclick: (event) => onPress(event, version) },
          h("span", {}, version.what), h("small", {}, `${dateAndTime(version)}, ${version.who}`)));
      const list = h("ol", { class: "chooser versions" }, versions.map(row));
      fill(buttons, closeButton);
      return [
        h("p", {}, versions.length ? "Choose a version to see what differs from now." : "There are no earlier versions yet."),
        versions.length > 0 && list,
        differences,
        buttons,
      ];
    },
    { wide: true },
  );
}

/** Show the versions of the page or leaflet at `path`, and put a chosen one into `surface` as unsaved text. */
export async function showHistory(path, surface, description, words) {
  const chosen = await chooseVersion(path, async (version, element) => {
    const text = await request(withQuery("api/history/text", { path, id: version.id }));
    if (text.body === surface.text()) {
      element.append(h("p", {}, "This is what it says now."));
      return null;
    }
    const comparison = h("div", { class: "compare" });
    element.append(h("div", { class: "compare-names" }, h("strong", {}, "Then"), h("strong", {}, "Now")), comparison);
    compare(comparison, text.body, surface.text(), false);
    return text;
  });
  if (!chosen) return;
  surface.replace(chosen.body);
  if (description && chosen.description !== null) description.value = chosen.description;
  notify(`This is what it said then. Nothing changes until you press ${words.button}.`);
}
