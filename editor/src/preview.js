// The live preview beside the text: after each pause in typing, the page is built with the unsaved text.
import { request } from "./api.js";
import { debounce, fill, h } from "./dom.js";

const PAUSE = 600; // milliseconds
const BLOCKS = "h1,h2,h3,h4,h5,h6,p,li,dt,dd,td,th,summary,blockquote,figcaption";

/** Return the text that a line of Markdown comes to, without its marks and facts. */
function plainWords(line) {
  return line
    .replace(/\{\{.*?\}\}|\{:.*?\}|<[^>]*>|!?\[([^\]]*)\]\([^)]*\)/g, " $1 ")
    .replace(/[*_`#>|]/g, " ")
    .toLowerCase()
    .match(/[\p{L}\p{N}’']{2,}/gu) || [];
}

/** Return the element of `page` that shows the line `words`; of several, the one about as far down as the line is. */
function elementFor(page, words, share) {
  const wanted = plainWords(words);
  if (!wanted.length) return null;
  const blocks = [...(page.querySelector("main") || page.body).querySelectorAll(BLOCKS)];
  let best = null;
  let most = 0.5;
  blocks.forEach((block, index) => {
    const found = new Set((block.textContent.toLowerCase().match(/[\p{L}\p{N}’']{2,}/gu) || []));
    const common = wanted.filter((word) => found.has(word)).length / Math.max(wanted.length, found.size * 0.8);
    const score = common - Math.abs(index / blocks.length - share) * 0.1;
    if (score > most) [best, most] = [block, score];
  });
  return best;
}

/** Return the smallest element of `page` that says this, or null. */
function elementThatSays(page, value) {
  const plain = (text) => text.replace(/\s+/g, " ").trim().toLowerCase();
  const wanted = plain(value);
  const holds = (element) => plain(element.textContent).includes(wanted);
  let found = wanted.length > 1 ? [...(page.querySelector("main") || page.body).querySelectorAll(BLOCKS)].find(holds) : null;
  found ||= wanted.length > 3 ? [...page.body.querySelectorAll("header a, footer a, footer p, footer li")].find(holds) : null;
  return found || null;
}

/**
 * Return the preview: `element`, `update()` after a change, `follow(words, share)` when the cursor moves to a line, as far
 * down as `share` says, or to a setting's value (share null).
 *
 * `content()` returns what to build; `onProblems({problems, older})` is told what came of it.
 */
export function createPreview({ content, onProblems, url = "api/preview" }) {
  const state = h("p", { class: "preview-state", role: "status" });
  const stage = h("div", { class: "stage" });
  const element = h("section", { class: "preview", "aria-label": "The page as it will look" }, state, stage);
  let frame = null;
  let turn = 0;
  let line = ["", 0];
  let destroyed = false;

  function follow(words, share) {
    line = [words, share];
    const page = frame?.contentDocument;
    if (!page?.body) return;
    page.querySelectorAll("[data-edited]").forEach((marked) => {
      marked.style.outline = "";
      delete marked.dataset.edited;
    });
    const shown = share === null ? elementThatSays(page, words) : elementFor(page, words, share);
    if (!shown) return;
    shown.dataset.edited = "";
    shown.style.outline = "2px solid #d68a00";
    shown.style.outlineOffset = "3px";
    const box = shown.getBoundingClientRect();
    const view = frame.contentWindow;
    if (box.top < 40 || box.bottom > view.innerHeight - 40) {
      view.scrollTo({ top: view.scrollY + box.top - view.innerHeight / 3, behavior: "instant" });
    }
  }

  /** Load the page behind the one that is shown, and change over when it is there: nothing flickers or jumps. */
  function showPage(url) {
    const next = h("iframe", { title: "The page as it will look", sandbox: "allow-same-origin", class: "next" });
    next.addEventListener("load", () => {
      if (destroyed) return;
      const top = frame?.contentWindow?.scrollY || 0;
      next.contentWindow.scrollTo({ top, behavior: "instant" });
      stage.querySelectorAll("iframe, img").forEach((old) => old !== next && old.remove());
      next.classList.remove("next");
      frame = next;
      // A link of the page must not take the place of the page. The menu opens.
      next.contentDocument.addEventListener("click", (event) => event.target.closest("a") && event.preventDefault());
      follow(...line);
    });
    next.src = url;
    stage.append(next);
  }

  function showSheets(url, count, number) {
    const top = stage.scrollTop;
    const name = url.replace(/\.pdf$/, "");
    const sheets = Array.from({ length: count }, (_, index) =>
      h("img", { src: `${name}-${index + 1}.png?${number}`, alt: `Page ${index + 1} of the leaflet`, class: "sheet" }));
    frame = null;
    fill(stage, h("a", { href: `${url}?${number}`, target: "_blank", rel: "noreferrer", class: "open-pdf" }, "Open the PDF"), ...sheets);
    stage.scrollTop = top;
  }

  async function build() {
    const number = ++turn;
    state.textContent = "Building the page …";
    try {
      const made = await request(url, content());
      if (destroyed || number !== turn) return;
      state.textContent = "This is how it will look.";
      onProblems(made);
      if (made.sheets) showSheets(made.url, made.sheets, number);
      else if (!made.url.endsWith(".pdf")) showPage(`${made.url}?${Date.now()}`);
    } catch (error) {
      if (!destroyed && number === turn) state.textContent = error.message;
    }
  }

  const update = debounce(build, PAUSE);
  return {
    element,
    build,
    update,
    follow,
    followAgain: () => follow(...line),
    destroy() {
      destroyed = true;
      update.cancel();
    },
  };
}
