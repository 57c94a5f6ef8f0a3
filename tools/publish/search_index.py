"""Build the search page's index: the title, headings and words of each page."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from tools.publish.hosting import front_matter, page_url_path

WORD = re.compile(r"[a-z0-9][a-z0-9’'-]*[a-z0-9]")
# Words too common to tell one page from another.
COMMON_WORDS = (
    "a about after all also an and any are as at be been before but by can did do for from had has have he her here him"
    " his how if in into is it its just like may me more most my no not of on one only or other our out own she so some"
    " such than that the their them then there these they this those through to too under up us was we were what when"
    " where which who will with would you your"
)
# The block at the end of every page, and navigation.
SKIPPED_CLASSES = {"ready", "rail", "jump", "where"}
HEADING_TAGS = {"h2", "h3"}
VOID_TAGS = {"img", "br", "input", "meta", "link", "path", "circle", "rect", "use", "ellipse"}


class _MainTextParser(HTMLParser):
    """A parser that collects the title, headings and text of `main`, without the parts that every page repeats."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.headings, self.text = "", "", ""
        self._in_main, self._tag, self._skip_depth = False, "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag, and track the start of `main` and of skipped elements."""
        self._in_main = self._in_main or tag == "main"
        self._tag = tag
        classes = set((dict(attrs).get("class") or "").split())
        if tag not in VOID_TAGS and (self._skip_depth or classes & SKIPPED_CLASSES or tag == "svg"):
            self._skip_depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Ignore self-closing tags, which contain no text."""

    def handle_endtag(self, tag: str) -> None:
        """Track the end of `main` and of skipped elements, and add a space between words."""
        if self._skip_depth and tag not in VOID_TAGS:
            self._skip_depth -= 1
        self._in_main = self._in_main and tag != "main"
        self._tag = ""
        self.text += " "
        self.headings += " "

    def handle_data(self, data: str) -> None:
        """Collect the text of `main`. The text of headings is also added to `title` or `headings`."""
        if not self._in_main or self._skip_depth:
            return
        self.text += data
        if self._tag == "h1":
            self.title += data
        elif self._tag in HEADING_TAGS:
            self.headings += data


def build_index(site: Path, docs: Path) -> dict[str, object]:
    """Return the search index of the pages. `docs` contains their Markdown, and `site` their HTML."""
    common_words = set(COMMON_WORDS.split())
    pages = []
    for source in sorted(docs.glob("*.md")):
        url = page_url_path(source, docs).lstrip("/")
        if url == "search/":
            continue
        parser = _MainTextParser()
        parser.feed((site / url / "index.html").read_text(encoding="utf-8"))
        metadata = front_matter(source)
        words = set(WORD.findall(parser.text.lower().replace("’", "'"))) - common_words
        pages.append(
            {
                "url": url,
                "title": " ".join(parser.title.split()),
                "about": str(metadata.get("description") or ""),
                "other": str(metadata.get("search_words") or ""),
                "headings": " ".join(parser.headings.split()),
                "text": " ".join(sorted(words)),
            }
        )
    return {"common": COMMON_WORDS, "pages": pages}


def write(site: Path, docs: Path) -> None:
    """Write the search index of the pages to assets/search.json in `site`."""
    text = json.dumps(build_index(site, docs), ensure_ascii=False, separators=(",", ":"))
    (site / "assets" / "search.json").write_text(text, encoding="utf-8")
