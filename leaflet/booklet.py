"""The printable A5 booklet, made from the HTML of the site's pages."""

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from leaflet.colours import print_colours
from leaflet.markdown import Block, MarkdownSource
from leaflet.pictures import draw_picture
from leaflet.shortcodes import ShortcodeExpander, leaflet_facts, urls_by_link_text
from leaflet.typeset import typeset
from service_profile import Service
from service_profile import pictures as shared_pictures
from service_profile.wording import day_in_words

# In reading order. Legal pages and pages that only make sense online are left out.
CHAPTERS = (
    "what-is-restorative-justice",
    "harmed",
    "caused-harm",
    "family-and-friends",
    "under-18",
    "what-happens",
    "your-safety",
    "support",
    "domestic-and-sexual-abuse",
    "prison",
    "does-it-help",
    "questions",
    "your-rights",
    "other-support",
    "get-help-now",
)
CHAPTER_URL_PATTERN = re.compile(
    r"^(?:\.\./|/)*(?P<chapter>[\w-]+)/(?:#(?P<heading>[\w-]+))?$|^#(?P<own_heading>[\w-]+)$"
)
PAGES_PER_SHEET = 4  # folded once
SKIPPED_TAGS = {"nav", "svg", "script", "style", "button"}
SKIPPED_CLASSES = {"ready", "where", "rail", "jump", "button", "nexts"}
# A drawing in the page, with a title that describes it; and a small picture beside a heading or an item of a list.
DRAWING_PATTERN = re.compile(r'<svg\b[^>]*role="img".*?</svg>', re.DOTALL)
SMALL_PICTURE_PATTERN = re.compile(r"assets/pictures/([\w-]+)\.svg")
FONT = "Atkinson Hyperlegible Next"
VOID_TAGS = {"br", "hr", "img", "input", "wbr"}
BLOCK_TAGS = {"p", "h1", "h2", "h3", "h4", "li", "dt", "dd", "figcaption", "summary", "td", "th"}


class ChapterReader(HTMLParser):
    """An HTML parser that reads the main element of a page into `blocks`.

    A heading gets the anchor chapter#id, so that links in the booklet can lead to it.
    """

    def __init__(self, chapter: str, page_html: str, look: Mapping[str, str]) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._chapter = chapter
        self._anchor = ""  # of the open heading
        self._look = look
        self._picture_name = ""  # of the small picture before the words that follow
        self._is_in_main = False
        self._skip_depth = 0  # the number of open elements from the outermost skipped one inwards
        self._block_kind = ""
        self._strong_depth = 0
        self._runs: list[Block] = []
        self._href = ""  # of the open link
        self._link_start = 0  # the number of runs before the open link
        self.feed(DRAWING_PATTERN.sub(lambda match: f'<img class="drawing" src="{html.escape(match[0])}">', page_html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin the block or link that `tag` opens, or begin to skip an element that is hidden or useless on paper.

        A tag without an end tag, such as <br> or <img>, is handled at once.
        """
        classes = set((dict(attrs).get("class") or "").split())
        if tag in VOID_TAGS:
            self._handle_void_tag(tag, classes, dict(attrs).get("src") or "")
            return
        is_hidden = dict(attrs).get("aria-hidden") == "true"
        if self._skip_depth or is_hidden or tag in SKIPPED_TAGS or SKIPPED_CLASSES & classes:
            self._skip_depth += 1
            return
        if tag == "main":
            self._is_in_main = True
        if tag in BLOCK_TAGS:
            self._end_block()
            self._block_kind = "dt" if "admonition-title" in classes else tag
            self._anchor = f"{self._chapter}#{dict(attrs).get('id')}"
        self._strong_depth += tag in ("b", "strong")
        if tag == "a":
            self._href, self._link_start = dict(attrs).get("href") or "", len(self._runs)

    def _target_of(self, href: str) -> str:
        """Return the chapter or heading to which a link leads, or "" if the booklet does not have it."""
        match = CHAPTER_URL_PATTERN.search(href)
        if not match:
            return ""
        chapter, heading = match["chapter"] or self._chapter, match["heading"] or match["own_heading"]
        return "" if chapter not in CHAPTERS else f"{chapter}#{heading}" if heading else chapter

    def _handle_void_tag(self, tag: str, classes: set[str], src: str) -> None:
        if tag == "br" and self._runs:
            self._runs.append({"text": " ", "strong": False, "link": ""})
        elif tag != "img" or not self._is_in_main or self._skip_depth:
            return
        elif "drawing" in classes:
            self._end_block()
            self.blocks.append(self._drawing_block(src))
        else:
            picture_match = SMALL_PICTURE_PATTERN.search(src)
            self._picture_name = picture_match[1] if picture_match else ""

    def _drawing_block(self, svg: str) -> Block:
        """Return a drawing as a block, with print colours, a font and the SVG namespace."""
        namespace_attribute = "" if "xmlns=" in svg else 'xmlns="http://www.w3.org/2000/svg" '
        svg = shared_pictures.recolour(svg, self._look).replace(
            "<svg ", f'<svg font-family="{FONT}" {namespace_attribute}', 1
        )
        return {"kind": "drawing", "svg": svg, "alt": shared_pictures.title(svg)}

    def handle_endtag(self, tag: str) -> None:
        """End the block, link or skipped element that `tag` closes."""
        if tag in VOID_TAGS:
            return
        if self._skip_depth:
            self._skip_depth -= 1
            return
        if tag in BLOCK_TAGS or tag in ("section", "div", "ul", "ol", "dl"):
            self._end_block()
        self._strong_depth -= tag in ("b", "strong")
        if tag == "a" and self._runs:
            self._end_link()
        if tag == "main":
            self._is_in_main = False

    def _end_link(self) -> None:
        """After the text of a link, add its target in the booklet, or its host if it leads to another site.

        If the link leads to a page of the site that the booklet does not have, flag the text `to_other_page`.
        """
        empty_run = {"text": "", "strong": False, "link": ""}
        host = urlsplit(self._href).netloc.removeprefix("www.")
        link_text = "".join(run["text"] for run in self._runs[self._link_start :])
        if target := self._target_of(self._href):
            self._runs.append({**empty_run, "target": target})
        elif host and host not in link_text.lower():
            self._runs.append({**empty_run, "text": f" ({host})"})
        elif not host and ":" not in self._href:
            for link_run in self._runs[self._link_start :]:
                link_run["to_other_page"] = True

    def handle_data(self, data: str) -> None:
        """Add text to the current block, with white space collapsed.

        Text outside the main element or inside a skipped element is ignored.
        """
        if self._is_in_main and not self._skip_depth and (data.strip() or self._runs):
            self._runs.append({"text": re.sub(r"\s+", " ", data), "strong": self._strong_depth > 0, "link": ""})

    def _end_block(self) -> None:
        runs, self._runs, kind = _without_closing_link(self._runs), [], self._block_kind or "p"
        self._block_kind = ""
        if not "".join(run["text"] for run in runs).strip():
            return
        picture_name, self._picture_name = self._picture_name, ""
        if picture_name and kind in ("h2", "h3", "h4", "p", "li"):
            svg = draw_picture(picture_name, self._look)[0]
            level = int(kind[1]) if kind.startswith("h") else 0
            self.blocks.append({"kind": "pictured", "svg": svg, "level": level, "anchor": self._anchor, "runs": runs})
        elif kind in ("h1", "h2", "h3", "h4"):
            self.blocks.append({"kind": "heading", "level": int(kind[1]), "anchor": self._anchor, "runs": runs})
        elif kind in ("li", "dd"):
            last_block = self.blocks[-1] if self.blocks else {}
            if kind == "li" and last_block.get("kind") == "list":
                last_block["items"].append(runs)
            elif kind == "li":
                self.blocks.append({"kind": "list", "ordered": False, "items": [runs]})
            else:
                self.blocks.append({"kind": "para", "runs": runs})
        else:
            self.blocks.append({"kind": "term" if kind == "dt" else "para", "runs": runs})


def _without_closing_link(runs: list[Block]) -> list[Block]:
    """Return the text runs, without the last sentence if it is only a link to a page outside the booklet."""
    kept_runs = list(runs)
    while kept_runs and (kept_runs[-1].get("to_other_page") or not kept_runs[-1]["text"].strip()):
        kept_runs.pop()
    return kept_runs if kept_runs and kept_runs[-1]["text"].rstrip().endswith((".", "?", "!")) else runs


class Booklet:
    """A booklet of the site that was built in `site_folder`."""

    def __init__(self, site_folder: Path, service: Service) -> None:
        self.site_folder, self.service, self.look = site_folder, service, print_colours(service["look"]["light"])

    def document(self) -> dict[str, Any]:
        """Return the data for the booklet's template. Chapters without a page on the site are left out."""
        service, look = self.service, self.look
        expander = ShortcodeExpander(
            MarkdownSource("booklet", "", leaflet_facts(service), urls_by_link_text(service)), service, look
        )
        review = service["review"]
        svg, alt = draw_picture("talk", look)
        return {
            "title": "Restorative justice: a booklet",
            "source": "booklet",
            "description": f"From {service['name']}",
            "author": str(service["name"]),
            "lang": "en",
            "region": "GB",
            "look": look,
            "name": str(service["name"]),
            "area": str(service["area"]),
            "cover": {"svg": svg, "alt": alt},
            "hand_form_to": str(service["hand_form_to"] or ""),
            "contact": expander.contact_blocks(),
            "chapters": [
                {"name": name, "blocks": blocks} for name in CHAPTERS if (blocks := self._chapter_blocks(name))
            ],
            "footer": f"Version {review.get('version')}, reviewed {day_in_words(str(review.get('date')))}",
            "sheet": PAGES_PER_SHEET,
        }

    def _chapter_blocks(self, name: str) -> list[Block]:
        page_path = self.site_folder / name / "index.html"
        if not page_path.is_file():
            return []
        return ChapterReader(name, page_path.read_text(encoding="utf-8"), self.look).blocks

    def pdf(self) -> bytes:
        """Return the booklet as a PDF. Raises LeafletError, with a message for editors, if it cannot be made."""
        return typeset("booklet", self.document(), str(self.service["review"].get("date", "")))
