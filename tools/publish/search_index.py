"""The small local index of the search page: which words stand on which page."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

WORD = re.compile(r"[a-z0-9][a-z0-9’'-]*[a-z0-9]")
# Words too common to tell one page from another.
COMMON_WORDS = (
    "a about after all also an and any are as at be been before but by can did do for from had has have he her here him"
    " his how if in into is it its just like may me more most my no not of on one only or other our out own she so some"
    " such than that the their them then there these they this those through to too under up us was we were what when"
    " where which who will with would you your"
)
COMMON = frozenset(COMMON_WORDS.split())


class _Main(HTMLParser):
    """The words of a page: its title, its headings, and the text of `main` without the block every page ends with."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.text, self._inside, self._in_title, self._skip = "", "", False, False, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        self._inside = self._inside or tag == "main"
        self._in_title = tag == "h1"
        self._skip = self._skip or "next" in classes.split()

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "main"
        self._in_title = False
        self.text += " "

    def handle_data(self, data: str) -> None:
        if self._inside and not self._skip:
            self.text += data
            if self._in_title:
                self.title += data


def letter(page: int) -> str:
    """The character that stands for the page of this number: A for 0."""
    return chr(ord("A") + page)


def index(site: Path) -> dict[str, object]:
    """Pages as [address, title], and each word with the letters of its pages."""
    pages: list[list[str]] = []
    words: dict[str, list[int]] = {}
    for path in sorted(set(site.rglob("index.html")) - {site / "search" / "index.html"}):
        page = _Main()
        page.feed(path.read_text(encoding="utf-8"))
        address = path.parent.relative_to(site).as_posix()
        pages.append(["" if address == "." else address + "/", page.title.strip()])
        for word in sorted(set(WORD.findall(page.text.lower().replace("’", "'"))) - COMMON):
            words.setdefault(word, []).append(len(pages) - 1)
    # A word on every page finds nothing. A letter a page, "circle EM", is half as long as JSON's lists.
    lines = (word + " " + "".join(map(letter, on)) for word, on in sorted(words.items()) if len(on) < len(pages))
    return {"pages": pages, "words": ",".join(lines)}


def write(site: Path) -> None:
    """Write assets/search.json."""
    (site / "assets").mkdir(exist_ok=True)
    text = json.dumps(index(site), ensure_ascii=False, separators=(",", ":"))
    (site / "assets" / "search.json").write_text(text, encoding="utf-8")
