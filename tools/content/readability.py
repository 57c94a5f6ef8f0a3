"""Measure how hard pages are to read: the Flesch-Kincaid grade, in years of school.

textstat finds sentences by their full stops, so `paragraphs` adds those that are missing.
"""

import re
import warnings
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from markdown import Markdown

from site_markdown import SiteExtension

with warnings.catch_warnings():  # the version that needs no download uses a deprecated part of setuptools
    warnings.simplefilter("ignore")
    import textstat

MAX_GRADE = 8.0
# Pages that must contain legal wording, or are written for professionals.
EXEMPT_PAGES = {
    "accessibility.md": "the legal form",
    "privacy.md": "the legal form",
    "for-professionals.md": "for people at work",
}
PROSE_TAGS = ("p", "li", "dd")
IGNORED_TAGS = ("svg", "small", "h1", "h2", "h3", "dt")


class _ParagraphParser(HTMLParser):
    """A parser that collects the text of each paragraph and list item of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: list[str] = [""]
        self._ignored_depth = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._ignored_depth += tag in IGNORED_TAGS
        if tag in PROSE_TAGS:
            self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        self._ignored_depth -= tag in IGNORED_TAGS
        if tag in PROSE_TAGS:
            self.paragraphs.append("")

    def handle_data(self, data: str) -> None:
        if not self._ignored_depth:
            self.paragraphs[-1] += data


def paragraphs(html: str) -> list[str]:
    """Return the text of each paragraph and list item. A missing full stop is added."""
    parser = _ParagraphParser()
    parser.feed(html)
    texts = (" ".join(paragraph.split()) for paragraph in parser.paragraphs)
    return [text if text[-1] in ".?!" else text.rstrip(":;,") + "." for text in texts if re.search(r"\w", text)]


def render(markdown: str, values: Mapping[str, Any]) -> str:
    """Return a page's Markdown as HTML, without its front matter. `values` contains the service's settings."""
    text = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.S)
    extensions = ["admonition", "attr_list", "md_in_html", "def_list", SiteExtension(values=values)]
    return str(Markdown(extensions=extensions).convert(text))


def reading_grade(texts: list[str]) -> float:
    """Return the Flesch-Kincaid grade of `texts`, measured as one text."""
    return float(textstat.flesch_kincaid_grade(" ".join(texts)))


def readability_problem(page: str, markdown: str, values: Mapping[str, Any]) -> str | None:
    """Return a message with the hardest sentence if a page is too hard to read, else None.

    `page` is the file name. Pages in EXEMPT_PAGES may be harder.
    """
    if page in EXEMPT_PAGES:
        return None
    texts = paragraphs(render(markdown, values))
    page_grade = reading_grade(texts)
    if page_grade <= MAX_GRADE:
        return None
    sentences = [
        sentence for text in texts for sentence in re.split(r"(?<=[.?!])\s+", text) if len(sentence.split()) > 5
    ]
    hardest_sentence = max(sentences, key=lambda sentence: reading_grade([sentence]))
    line = _sentence_line(markdown, hardest_sentence)
    return (
        f"docs/{page}, line {line}: the page is hard to read (grade {page_grade:.1f}, at most {MAX_GRADE:.0f}). "
        f"Make sentences shorter and words simpler. The hardest one: “{hardest_sentence}”"
    )


def _sentence_line(markdown: str, sentence: str) -> int:
    """Return the line on which `sentence` begins, or 1 if no line has its first four words."""
    words = sentence.split()[:4]
    for number, line in enumerate(markdown.split("\n"), start=1):
        if all(word.strip(".,:?!“”") in line for word in words):
            return number
    return 1
