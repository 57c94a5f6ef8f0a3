// Words or page: a phone has room for only one.
import { h } from "./dom.js";

/** Return the `tabs` that switch between words and page on a phone, and `start(panes)`, which shows the words. */
export function paneSwitch(onShow) {
  let panes;
  const buttons = ["Words", "Page"].map((name) =>
    h("button", { type: "button", "aria-pressed": name === "Words", onclick: () => show(name) }, name));
  const show = (name) => {
    panes.dataset.shown = name.toLowerCase();
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === name)));
    onShow();
  };
  return {
    tabs: h("div", { class: "tabs", role: "group", "aria-label": "Show" }, buttons),
    start(element) {
      panes = element;
      show("Words");
    },
  };
}
