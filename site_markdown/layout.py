"""The processors that adapt the HTML made from Markdown to the site's design: page openings, pictures and links."""

import re
from xml.etree.ElementTree import Element

from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

# The opening of an inner page: heading, lede, the paragraph after the lede if a scene (a drawing) follows it, and the
# scene. The template lays out the opening, which ends at OPENING_END_MARKER.
_OPENING_PATTERN = re.compile(
    r'\A\s*(<h1.*?</h1>)\s*(<p class="lede">.*?</p>(?:\s*<p>(?:(?!</?p>).)*</p>(?=\s*<div class="scene"))?)?'
    r'\s*(<div class="scene".*?</div>)?',
    re.DOTALL,
)
OPENING_END_MARKER = "<!--text-->"
# Marks where the first section begins, or the block that contains it.
FIRST_SECTION_MARKER = "<!--sections-->"


class PictureProcessor(Treeprocessor):
    """A processor that adds the classes and wrappers by which the style sheet lays out pictures."""

    def run(self, root: Element) -> None:
        """Add classes and wrappers for the pictures to the page's element tree.

        A picture without a `loading` attribute is set to load lazily.
        """
        for image in root.iter("img"):
            image.set("loading", image.get("loading", "lazy"))
        for paragraph in root.iter("p"):
            if len(paragraph) == 1 and paragraph[0].tag == "img" and not _text_beside(paragraph):
                paragraph.set("class", "picture")
        for item in root.iter("li"):
            first_child = item[0] if len(item) else None
            container = first_child if first_child is not None and first_child.tag == "p" and len(first_child) else item
            picture = container[0] if len(container) else None
            if picture is None or picture.tag != "img" or (container.text or "").strip():
                continue
            self._wrap_text_beside_picture(item, container, picture)

    @staticmethod
    def _wrap_text_beside_picture(item: Element, container: Element, picture: Element) -> None:
        container.remove(picture)
        container.text, picture.tail = (picture.tail or "").lstrip(), None
        text_element = Element("div")
        text_element.text, item.text = (item.text if container is not item else container.text), None
        for child in list(item):
            item.remove(child)
            text_element.append(child)
        if not (text_element.text or "").strip() and len(text_element) and text_element[0].tag in ("strong", "a"):
            text_element.set("class", "named")
        item.append(picture)
        item.append(text_element)
        item.set("class", " ".join(filter(None, (item.get("class"), "pictured-item"))))


def _text_beside(paragraph: Element) -> str:
    """Return the text before and after the picture in a paragraph that contains one picture."""
    return ((paragraph.text or "") + (paragraph[0].tail or "")).strip()


class HtmlTagProcessor(Postprocessor):
    """A processor that writes `<br />` and similar tags as `<br>`, and marks each link whose text is its address.

    In print, the style sheet adds the address to all other links.
    """

    def run(self, text: str) -> str:
        """Write `<br />` and similar tags without the slash; add a class to each link whose text is its address."""
        text = re.sub(r"<(img|br|hr)\b([^>]*?) ?/>", r"<\1\2>", text)
        return re.sub(r'<a (href="([^"]*)">\2</a>)', r'<a class="address" \1', text)


class OpeningProcessor(Postprocessor):
    """A processor that marks where the opening of a page ends and where the first section of the page begins.

    The opening is the heading, the lede and the drawing at the top of the page.
    """

    def run(self, text: str) -> str:
        """Insert OPENING_END_MARKER and FIRST_SECTION_MARKER, and put the heading and the lede into one div.

        HTML that does not begin with an h1 stays unchanged.
        """
        match = _OPENING_PATTERN.match(text)
        if not match:
            return text
        heading, lede, scene = match.groups(default="")
        body = _mark_first_section(text[match.end() :])
        return f'<div class="words">{heading}\n{lede}</div>\n{scene}{OPENING_END_MARKER}{body}'


def _mark_first_section(text: str) -> str:
    """Return the HTML with FIRST_SECTION_MARKER before the first h2, or before the outermost div around this h2.

    HTML without an h2 stays unchanged.
    """
    depth = outermost_start = 0
    for tag in re.finditer(r"<(/?)div\b|<h2\b", text):
        if tag[0] == "<h2":
            position = outermost_start if depth else tag.start()
            return f"{text[:position]}{FIRST_SECTION_MARKER}{text[position:]}"
        if not depth:
            outermost_start = tag.start()
        depth += -1 if tag[1] else 1
    return text
