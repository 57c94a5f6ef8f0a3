"""Find telephone numbers that a browser's translation would alter, or whose groups it would reorder."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tests.support.page_checks import XHTML

# A telephone number in groups: where text runs from right to left, the groups would change places.
GROUPED_NUMBER = re.compile(r"\d[\d()]*(?: \d{3,})+")
_NOT_TRANSLATED = {f"{XHTML}{tag}" for tag in ("script", "style", "textarea", "title")}


def texts(element: Element, marks: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each text with its marks: "untranslated" if translation is off, "ltr" if it always runs left to right."""
    if element.get("translate") == "no":
        marks |= {"untranslated"}
    if element.tag == f"{XHTML}bdi":
        marks |= {"ltr"}  # the direction of its own text, and a number alone runs left to right
    if element.get("dir"):
        marks = marks - {"ltr"} | ({"ltr"} if element.get("dir") == "ltr" and element.tag != f"{XHTML}html" else set())
    if element.tag not in _NOT_TRANSLATED and isinstance(element.tag, str):
        yield element.text or "", marks
        for child in element:
            yield from texts(child, marks)
            yield child.tail or "", marks


def unprotected_numbers(tree: Element) -> list[str]:
    """Return the telephone numbers on the page that a translation could change or reorder."""
    return [
        number
        for text, marks in texts(tree)
        for number in GROUPED_NUMBER.findall(text)
        if not marks >= {"untranslated", "ltr"}
    ]
