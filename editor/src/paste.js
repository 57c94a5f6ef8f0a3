// Convert text that is pasted from Word, Outlook or a web page to Markdown.
import { tables } from "@joplin/turndown-plugin-gfm";
import Turndown from "turndown";

const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]/g;
const HARD_SPACES = /[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g;
const REMOVED_ELEMENTS = "script, style, meta, link, title, xml, img, picture, svg, video, audio, iframe, object, input, button";
const STRUCTURE = /<(p|h[1-6]|ul|ol|li|table|b|strong|em|i|a|br|div)[\s>]/i;

/** Return plain text without hard spaces and invisible characters, with its list markers as Markdown. */
export function cleanText(text) {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\u2028\u2029\v\f]/g, "\n")
    .replace(INVISIBLE, "")
    .replace(HARD_SPACES, " ")
    .replace(/^([ \t]*)[•·▪◦‣●○]\s+/gm, "$1- ")
    .replace(/^([ \t]*)(\d+)\)\s+/gm, "$1$2. ")
    .replace(/[ \t]+\n/g, "\n");
}

/** Return HTML from the clipboard as Markdown, or null if it has no structure that its plain text lacks. */
export function htmlToMarkdown(html) {
  if (!STRUCTURE.test(html) || /<meta[^>]+vscode|class="cm-|data-vscode/i.test(html)) return null;
  // The browser would report each style as a breach of the content policy, although none is ever applied.
  const htmlWithoutStyles = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/(\s)style(\s*=)/gi, "$1data-style$2");
  const page = new DOMParser().parseFromString(htmlWithoutStyles, "text/html");
  page.querySelectorAll(REMOVED_ELEMENTS).forEach((element) => element.remove());
  removeComments(page);
  makeWordLists(page);
  nestLists(page);
  applyBoldStyles(page);
  lowerHeadings(page);
  simplifyTables(page);
  for (const element of page.querySelectorAll("a:not([href^=http]):not([href^=mailto]):not([href^=tel])")) unwrap(element);
  return tidy(converter().turndown(page.body));
}

function converter() {
  const turndown = new Turndown({ headingStyle: "atx", bulletListMarker: "-", emDelimiter: "*", hr: "---", br: "" });
  turndown.use(tables);
  turndown.addRule("line break", { filter: "br", replacement: () => "\n" });
  return turndown;
}

function tidy(markdown) {
  return cleanText(markdown)
    .replace(/^(\s*)-\s{2,}/gm, "$1- ")
    .replace(/^(\s*\d+\.)\s{2,}/gm, "$1 ")
    .replace(/\*\*\s*\*\*/g, "")
    .replace(/^(\s*)(-|\d+\.) (.*)\n\n(?=(\s*)(-|\d+\.) )/gm, (all, indent, marker, words, nextIndent, next) =>
      indent === nextIndent && (marker === "-") !== (next === "-") ? all : `${indent}${marker} ${words}\n`)
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function removeComments(page) {
  const walker = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  comments.forEach((comment) => comment.remove());
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

/** Make lists of the paragraphs that begin with a typed marker: that is how Word writes a list. */
function makeWordLists(page) {
  let openLists = []; // the lists around the paragraph, outermost first
  for (const paragraph of [...page.querySelectorAll("p, li")]) {
    const style = paragraph.dataset.style || "";
    const isWordList = paragraph.localName === "p" && (/mso-list:\s*l\d/.test(style) || /MsoListParagraph/.test(paragraph.className));
    const marker = takeListMarker(paragraph, isWordList);
    if (marker === null) {
      openLists = [];
      continue;
    }
    const level = Number((/level(\d+)/.exec(style) || [0, 1])[1]);
    const kind = /^\(?(\d+|[a-z]{1,3})[.)]/i.test(marker) ? "ol" : "ul";
    if (!openLists.length || paragraph.previousElementSibling !== openLists[0].list) openLists = [];
    openLists = openLists.filter((each) => each.level < level || (each.level === level && each.list.localName === kind));
    if (!openLists.length || openLists.at(-1).level < level) {
      const list = page.createElement(kind);
      if (openLists.length) (openLists.at(-1).list.lastElementChild || openLists.at(-1).list).append(list);
      else paragraph.before(list);
      openLists.push({ level, list });
    }
    const item = page.createElement("li");
    item.append(...paragraph.childNodes);
    openLists.at(-1).list.append(item);
    paragraph.remove();
  }
}

/** Move each list that is directly inside a list, as in Outlook's HTML, into the item before it. */
function nestLists(page) {
  for (const inner of page.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")) {
    const item = inner.previousElementSibling;
    if (item?.localName === "li") item.append(inner);
  }
}

/** Remove and return the list marker at the start of a paragraph ("•" if Word wrote none); return null if it is no list item. */
function takeListMarker(paragraph, isWordList) {
  if (paragraph.localName !== "p") return null;
  const markerSpan = [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*Ignore/i.test(span.dataset.style || ""));
  if (markerSpan) {
    const marker = markerSpan.textContent.trim();
    markerSpan.remove();
    return marker || "•";
  }
  const typedMarker = /^[\s\u00a0]*([•·▪◦‣●○o§]|\(?\d+[.)])[\s\u00a0]+/.exec(paragraph.textContent);
  if (!typedMarker || (!isWordList && !/[•·▪◦‣●○]/.test(typedMarker[1]))) return isWordList ? "•" : null;
  let remainingLength = typedMarker[0].length;
  const walker = paragraph.ownerDocument.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  while (remainingLength > 0 && walker.nextNode()) {
    const removedLength = Math.min(remainingLength, walker.currentNode.data.length);
    walker.currentNode.data = walker.currentNode.data.slice(removedLength);
    remainingLength -= removedLength;
  }
  return typedMarker[1];
}

function applyBoldStyles(page) {
  for (const element of page.querySelectorAll("b, strong, span")) {
    const weight = (/(?:^|[;\s])font-weight:\s*(\w+)/.exec(element.dataset.style || "") || [])[1];
    const isBold = weight === "bold" || weight === "bolder" || Number(weight) >= 600;
    if (weight && !isBold && element.localName !== "span") unwrap(element);
    else if (isBold && element.localName === "span" && element.textContent.trim()) {
      const strong = page.createElement("strong");
      strong.append(...element.childNodes);
      element.replaceWith(strong);
    }
  }
}

/** Reduce headings to h2 and h3: the page already has its h1. */
function lowerHeadings(page) {
  for (const title of page.querySelectorAll("p.MsoTitle")) rename(title, "h2");
  for (const heading of page.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    heading.querySelectorAll("b, strong").forEach(unwrap);
    if (!heading.textContent.trim()) heading.remove();
    else if (heading.localName === "h1") rename(heading, "h2");
    else if (/h[456]/.test(heading.localName)) rename(heading, "h3");
  }
}

function rename(element, name) {
  const replacement = element.ownerDocument.createElement(name);
  replacement.append(...element.childNodes);
  element.replaceWith(replacement);
}

/** Reduce tables to what Markdown allows: a heading row, and one line in each cell. */
function simplifyTables(page) {
  for (const table of page.querySelectorAll("table")) {
    table.querySelectorAll("td p, th p, td div, th div").forEach((paragraph) => {
      if (paragraph.nextElementSibling) paragraph.after(" ");
      unwrap(paragraph);
    });
    table.querySelectorAll("td br, th br").forEach((line) => line.replaceWith(" "));
    table.querySelector("tr")?.querySelectorAll("td").forEach((cell) => rename(cell, "th"));
    table.querySelectorAll("th b, th strong").forEach(unwrap);
    for (const cell of table.querySelectorAll("td, th")) cell.normalize();
  }
}
