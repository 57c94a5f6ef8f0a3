// The live preview beside the text: after each pause in typing, the page is built with the unsaved text.
import { request } from "./api.js";
import { debounce, fill, h } from "./dom.js";

const PAUSE_MS = 600;
const BLOCKS = "h1,h2,h3,h4,h5,h6,p,li,dt,dd,td,th,summary,blockquote,figcaption";

/** Return the words in a line of Markdown, in lower case, without markup and facts. */
function plainWords(markdown) {
  return markdown
    .replace(/\{\{.*?\}\}|\{:.*?\}|<[^>]*>|!?\[([^\]]*)\]\([^)]*\)/g, " $1 ")
    .replace(/[*_`#>|]/g, " ")
    .toLowerCase()
    .match(/[\p{L}\p{N}’']{2,}/gu) || [];
}

/** Return the element of `page` that best matches the text `words`, preferably about `position` (0 to 1) down; or null. */
function elementFor(page, words, position) {
  const wantedWords = plainWords(words);
  if (!wantedWords.length) return null;
  const blocks = [...(page.querySelector("main") || page.body).querySelectorAll(BLOCKS)];
  let bestBlock = null;
  let bestScore = 0.5;
  blocks.forEach((block, index) => {
    const blockWords = new Set((block.textContent.toLowerCase().match(/[\p{L}\p{N}’']{2,}/gu) || []));
    const overlap = wantedWords.filter((word) => blockWords.has(word)).length / Math.max(wantedWords.length, blockWords.size * 0.8);
    const score = overlap - Math.abs(index / blocks.length - position) * 0.1;
    if (score > bestScore) [bestBlock, bestScore] = [block, score];
  });
  return bestBlock;
}

/** Return the first text block of `page`, or of its header and footer, that contains the text `value`; or null. */
function elementThatSays(page, value) {
  const normalise = (text) => text.replace(/\s+/g, " ").trim().toLowerCase();
  const wantedText = normalise(value);
  const hasText = (element) => normalise(element.textContent).includes(wantedText);
  let foundElement = wantedText.length > 1 ? [...(page.querySelector("main") || page.body).querySelectorAll(BLOCKS)].find(hasText) : null;
  foundElement ||= wantedText.length > 3 ? [...page.body.querySelectorAll("header a, footer a, footer p, footer li")].find(hasText) : null;
  return foundElement || null;
}

/**
 * Return the preview: its `element`; `update()`, which builds the page after a pause in the changes; `build()`, which does so
 * at once; `follow(words, share)`, which outlines the text that is being edited; `followAgain()`; and `destroy()`.
 *
 * Call `follow` when the cursor moves: with the words there and their position in the text (0 to 1), or with a setting's
 * value and null. `content()` returns the request's body; `onProblems({problems, older})` is called with each result.
 */
export function createPreview({ content, onProblems, url = "api/preview" }) {
  const state = h("p", { class: "preview-state", role: "status" });
  const stage = h("div", { class: "stage" });
  const element = h("section", { class: "preview", "aria-label": "The page as it will look" }, state, stage);
  let frame = null;
  let lastBuildNumber = 0;
  let lastFollowed = ["", 0];
  let isDestroyed = false;

  function follow(words, share) {
    lastFollowed = [words, share];
    const page = frame?.contentDocument;
    if (!page?.body) return;
    page.querySelectorAll("[data-edited]").forEach((marked) => {
      marked.style.outline = "";
      delete marked.dataset.edited;
    });
    const target = share === null ? elementThatSays(page, words) : elementFor(page, words, share);
    if (!target) return;
    target.dataset.edited = "";
    target.style.outline = "2px solid #d68a00";
    target.style.outlineOffset = "3px";
    const box = target.getBoundingClientRect();
    const view = frame.contentWindow;
    if (box.top < 40 || box.bottom > view.innerHeight - 40) {
      view.scrollTo({ top: view.scrollY + box.top - view.innerHeight / 3, behavior: "instant" });
    }
  }

  /** Load the page behind the current one, and swap them once it has loaded, so that nothing flickers or jumps. */
  function showPage(url) {
    const nextFrame = h("iframe", { title: "The page as it will look", sandbox: "allow-same-origin", class: "next" });
    nextFrame.addEventListener("load", () => {
      if (isDestroyed) return;
      const top = frame?.contentWindow?.scrollY || 0;
      nextFrame.contentWindow.scrollTo({ top, behavior: "instant" });
      stage.querySelectorAll("iframe, img").forEach((old) => old !== nextFrame && old.remove());
      nextFrame.classList.remove("next");
      frame = nextFrame;
      // A link must not lead away from the page. The menu still opens.
      nextFrame.contentDocument.addEventListener("click", (event) => event.target.closest("a") && event.preventDefault());
      follow(...lastFollowed);
    });
    nextFrame.src = url;
    stage.append(nextFrame);
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
    const number = ++lastBuildNumber;
    state.textContent = "Building the page …";
    try {
      const result = await request(url, content());
      if (isDestroyed || number !== lastBuildNumber) return;
      state.textContent = "This is how it will look.";
      onProblems(result);
      if (result.sheets) showSheets(result.url, result.sheets, number);
      else if (!result.url.endsWith(".pdf")) showPage(`${result.url}?${Date.now()}`);
    } catch (error) {
      if (!isDestroyed && number === lastBuildNumber) state.textContent = error.message;
    }
  }

  const update = debounce(build, PAUSE_MS);
  return {
    element,
    build,
    update,
    follow,
    followAgain: () => follow(...lastFollowed),
    destroy() {
      isDestroyed = true;
      update.cancel();
    },
  };
}
