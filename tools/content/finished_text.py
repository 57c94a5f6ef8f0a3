"""Check the text of the built pages for leftover markup, comments and links without a target."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from service_profile.markup import leftover_markup

# Elements that begin a new block of text, and elements whose text is not prose.
_BLOCK_TAGS = {
    *("p", "li", "dt", "dd", "td", "th", "br", "pre", "div", "main", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("section", "summary", "blockquote", "figcaption"),
}
_NON_PROSE_TAGS = {"code", "pre", "svg", "script", "style", "kbd", "samp"}
_WORD = re.compile(r"[\w’'-]+")


class _MainTextParser(HTMLParser):
    """A parser that collects the blocks of text in `main`, its comments, and its links without a target."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self.comments: list[str] = []
        self.links_without_target: list[str] = []
        self._main_depth = self._non_prose_depth = 0
        self._link_text: str | None = None  # of the open link, if it has no target

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._main_depth += tag == "main"
        self._non_prose_depth += tag in _NON_PROSE_TAGS
        if tag in _BLOCK_TAGS:
            self.blocks.append("")
        if tag == "a" and self._main_depth:
            self._link_text = "" if (dict(attrs).get("href") or "").strip() in ("", "#") else None

    def handle_endtag(self, tag: str) -> None:
        self._main_depth -= tag == "main"
        self._non_prose_depth -= tag in _NON_PROSE_TAGS
        if tag in _BLOCK_TAGS:
            self.blocks.append("")
        if tag == "a" and self._link_text is not None:
            self.links_without_target.append(self._link_text.strip())
            self._link_text = None

    def handle_data(self, data: str) -> None:
        if self._main_depth and not self._non_prose_depth:
            self.blocks[-1] += data
            if self._link_text is not None:
                self._link_text += data

    def handle_comment(self, data: str) -> None:
        if self._main_depth:
            self.comments.append(data.strip())


def problems(site: Path, docs: Path) -> list[str]:
    """Return a message for each problem in the built pages' text, with its Markdown file and line."""
    messages = []
    for source in sorted(docs.rglob("*.md")):
        relative_path = source.relative_to(docs).with_suffix("")
        page = site / (relative_path.parent if relative_path.name == "index" else relative_path) / "index.html"
        if page.is_file():
            lines = source.read_text(encoding="utf-8-sig").splitlines()
            name = f"docs/{source.relative_to(docs).as_posix()}"
            messages += [
                f"{name}, line {line}: {words}" for line, words in _page_problems(page.read_text("utf-8"), lines)
            ]
    return messages


def _page_problems(html: str, lines: list[str]) -> Iterator[tuple[int, str]]:
    parser = _MainTextParser()
    parser.feed(html)
    for comment in parser.comments:
        yield _source_line(lines, "<!--", comment), "a comment would be published. Delete it."
    for words in parser.links_without_target:
        yield (
            _source_line(lines, "", words),
            f"the link “{words}” leads nowhere. Write its page between the round brackets.",
        )
    for block in parser.blocks:
        for markup, position, advice in leftover_markup(block.strip("\n")):
            yield (
                _source_line(lines, markup, block.strip("\n")[position:]),
                f"“{markup}” would be printed as it stands. {advice}",
            )


def _source_line(lines: list[str], markup: str, text: str) -> int:
    """Return the number of the line that best matches `markup` and the first words of `text`.

    Return 1 if no line matches.
    """
    words = _WORD.findall(text)[:3]
    for searched_words in (words, words[:1], []):
        for number, line in enumerate(lines, start=1):
            if markup in line and all(word in line for word in searched_words):
                return number
    return 1
