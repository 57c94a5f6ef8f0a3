"""Check the text of the built pages for markup that appears literally, comments and links without a target.

Each problem is reported with the Markdown file, the line, and what to do.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from service_profile.markup import leftovers

# Elements whose text stands by itself, and elements whose text is not prose.
_BLOCKS = {
    *("p", "li", "dt", "dd", "td", "th", "br", "pre", "div", "main", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("section", "summary", "blockquote", "figcaption"),
}
_NO_PROSE = {"code", "pre", "svg", "script", "style", "kbd", "samp"}
_FIRST_WORDS = re.compile(r"[\w’'-]+")


class _MainText(HTMLParser):
    """Collects the text of `main`, one piece for each block, and the HTML's comments and dead links."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = [""]
        self.comments: list[str] = []
        self.dead_links: list[str] = []
        self._main = self._no_prose = 0
        self._link: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._main += tag == "main"
        self._no_prose += tag in _NO_PROSE
        if tag in _BLOCKS:
            self.pieces.append("")
        if tag == "a" and self._main:
            self._link = "" if (dict(attrs).get("href") or "").strip() in ("", "#") else None

    def handle_endtag(self, tag: str) -> None:
        self._main -= tag == "main"
        self._no_prose -= tag in _NO_PROSE
        if tag in _BLOCKS:
            self.pieces.append("")
        if tag == "a" and self._link is not None:
            self.dead_links.append(self._link.strip())
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._main and not self._no_prose:
            self.pieces[-1] += data
            if self._link is not None:
                self._link += data

    def handle_comment(self, data: str) -> None:
        if self._main:
            self.comments.append(data.strip())


def problems(site: Path, docs: Path) -> list[str]:
    """Return what is wrong with the text of the pages in `site`, one sentence each."""
    found = []
    for source in sorted(docs.rglob("*.md")):
        inside = source.relative_to(docs).with_suffix("")
        page = site / (inside.parent if inside.name == "index" else inside) / "index.html"
        if page.is_file():
            lines = source.read_text(encoding="utf-8-sig").splitlines()
            name = f"docs/{source.relative_to(docs).as_posix()}"
            found += [f"{name}, line {line}: {words}" for line, words in _in_page(page.read_text("utf-8"), lines)]
    return found


def _in_page(html: str, lines: list[str]) -> Iterator[tuple[int, str]]:
    text = _MainText()
    text.feed(html)
    for comment in text.comments:
        yield _line(lines, "<!--", comment), "a comment would be published. Delete it."
    for words in text.dead_links:
        yield _line(lines, "", words), f"the link “{words}” leads nowhere. Write its page between the round brackets."
    for piece in text.pieces:
        for mark, place, advice in leftovers(piece.strip("\n")):
            yield _line(lines, mark, piece.strip("\n")[place:]), f"“{mark}” would be printed as it stands. {advice}"


def _line(lines: list[str], mark: str, text: str) -> int:
    """Return the line of the source that holds `mark` and the first words of `text`, as far as they can be found."""
    words = _FIRST_WORDS.findall(text)[:3]
    for wanted in (words, words[:1], []):
        for number, line in enumerate(lines, start=1):
            if mark in line and all(word in line for word in wanted):
                return number
    return 1
