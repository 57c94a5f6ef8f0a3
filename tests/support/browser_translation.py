"""Find telephone numbers that a browser's translation would change or reorder."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tests.support.page_checks import XHTML

# A telephone number in groups: where text runs from right to left, the groups would change places.
GROUPED_NUMBER = re.compile(r"\d[\d()]*(?: \d{3,})+")
_NOT_TRANSLATED = {f"{XHTML}{tag}" for tag in ("script", "style", "textarea", "title")}


def texts(element: Element, protections: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each text below `element`, and how it is protected from the browser's translation.

    The protections are "untranslated" and, for text that always runs from left to right, "ltr". The argument
    `protections` contains those that `element` inherits.
    """
    if element.get("translate") == "no":
        protections |= {"untranslated"}
    if element.tag == f"{XHTML}bdi":
        protections |= {"ltr"}  # a bdi takes the direction of its text, and a number alone runs left to right
    if element.get("dir"):
        is_ltr = element.get("dir") == "ltr" and element.tag != f"{XHTML}html"
        protections = protections - {"ltr"} | ({"ltr"} if is_ltr else set())
    if element.tag not in _NOT_TRANSLATED and isinstance(element.tag, str):
        yield element.text or "", protections
        for child in element:
            yield from texts(child, protections)
            yield child.tail or "", protections


def unprotected_numbers(tree: Element) -> list[str]:
    """Return the telephone numbers on a page that the browser's translation could change or reorder."""
    return [
        number
        for text, protections in texts(tree)
        for number in GROUPED_NUMBER.findall(text)
        if not protections >= {"untranslated", "ltr"}
    ]
