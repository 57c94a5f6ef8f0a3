"""Checks that every page of the site and of the form must pass."""

import re
from xml.etree.ElementTree import Element

import html5lib

XHTML = "{http://www.w3.org/1999/xhtml}"
# The titles of the form's question pages show only the step, so that browser history does not reveal the question.
NEUTRAL_TITLE_PATTERN = re.compile(r"(?:Error: )?Step \d+(?: of \d+)?: ")


def parse(html: str) -> Element:
    """Parse a page and return its tree; fail if the page is not well-formed HTML5."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"))
    tree = parser.parse(html)
    errors = [f"line {line}: {code} {details}" for (line, _), code, details in parser.errors]
    assert not errors, "not HTML5: " + "; ".join(errors[:5])
    return tree


def text_of(element: Element) -> str:
    """Return the text of `element`, with white space collapsed."""
    return " ".join("".join(element.itertext()).split())


def elements(tree: Element, tag: str) -> list[Element]:
    """Return every element with this tag, in document order."""
    return list(tree.iter(XHTML + tag))


def check_page(html: str, neutral_title: bool = False) -> Element:
    """Check that a page meets the rules below; return its tree.

    The page has a language and exactly one h1. Its title begins with the h1 or, with `neutral_title`, shows only the
    step of the form and not the h1. Ids are unique. Labels, ARIA attributes and links refer only to ids that exist.
    There is no inline script, style attribute or event handler attribute, no resource from another host, and
    no span tag shown as text.
    """
    tree = parse(html)
    assert elements(tree, "html")[0].get("lang"), "the page has no language"
    _check_title(tree, neutral_title)
    _check_ids(tree)
    _check_scripts_and_resources(tree)
    assert '<span class="' not in text_of(tree), "the page shows markup as text"
    return tree


def _check_title(tree: Element, neutral_title: bool) -> None:
    headings = [text_of(h1) for h1 in elements(tree, "h1")]
    assert len(headings) == 1, f"one h1 wanted, found {headings}"
    title = text_of(elements(tree, "head")[0].find(XHTML + "title"))
    if neutral_title:
        assert NEUTRAL_TITLE_PATTERN.match(title), f"the title {title!r} is not the neutral one"
        assert headings[0] not in title, "the title gives the question away"
    else:
        assert title.removeprefix("Error: ").startswith(headings[0]), f"{title!r} does not begin with {headings[0]!r}"


def _check_ids(tree: Element) -> None:
    ids = [element.get("id") for element in tree.iter() if element.get("id") is not None]
    duplicates = {name for name in ids if ids.count(name) > 1}
    assert not duplicates, f"ids used twice: {duplicates}"
    for element in tree.iter():
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for name in (element.get(attribute) or "").split():
                assert name in ids, f"{attribute}={name} points at nothing"
        if (element.get("href") or "").startswith("#"):
            assert element.get("href")[1:] in ids, f"the link {element.get('href')} leads nowhere"


def _check_scripts_and_resources(tree: Element) -> None:
    for script in elements(tree, "script"):
        assert script.get("src"), "a script in the page"
        assert not text_of(script), "a script in the page"
    for element in tree.iter():
        assert element.get("style") is None, f"a style attribute on {element.tag}"
        handlers = [name for name in element.attrib if name.lower().startswith("on")]
        assert not handlers, f"{handlers} on {element.tag}"
        resource_url = element.get("src") or (element.get("href") if element.tag == XHTML + "link" else None) or ""
        if element.get("rel") != "canonical":
            assert not re.match(r"(?:https?:)?//", resource_url), f"{resource_url} comes from another host"
