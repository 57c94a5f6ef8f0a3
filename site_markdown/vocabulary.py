"""Elements of Material for MkDocs without script: tabs become headings, tables scroll, abbreviations are listed.

Editors paste from Material's manual. Python-Markdown and pymdownx parse the text; this module changes the elements that
would need script or a pointer.
"""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

_BOX = re.compile(
    r'<label class="task-list-control"><input type="checkbox" disabled( checked)?\s*/?>.*?</label>|'
    r'<input type="checkbox" disabled( checked)?\s*/?>',
    re.DOTALL,
)


class MaterialElements(Treeprocessor):
    """Adapt tables, tabs and abbreviations in the tree, once all blocks and inline markup are parsed."""

    def run(self, root: Element) -> None:
        """Change the tree of the page in place."""
        for parent in list(root.iter()):
            for index, child in enumerate(list(parent)):
                if child.tag == "table":
                    parent[index] = _scrollable_table(child)
                elif child.get("class", "").startswith("tabbed-set"):
                    parent[index] = _tabs_as_headings(child)
        _append_abbreviations(root)


def _scrollable_table(table: Element) -> Element:
    """Return a table in an element that scrolls horizontally and can be focused with the keyboard."""
    container = Element("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Table"})
    headings = [" ".join("".join(cell.itertext()).split()) for cell in table.iter("th")]
    if any(headings):
        container.set("aria-label", f"Table: {', '.join(filter(None, headings))}")
    for cell in table.iter("th"):
        cell.set("scope", "col")
    container.tail, table.tail = table.tail, None
    container.append(table)
    return container


def _tabs_as_headings(tabs: Element) -> Element:
    """Return content tabs as headings with their text below."""
    labels = ["".join(label.itertext()) for label in tabs.iter("label")]
    blocks = [block for block in tabs.iter("div") if block.get("class") == "tabbed-block"]
    container = Element("div", {"class": "tabs"})
    container.tail = tabs.tail
    for label, block in zip(labels, blocks, strict=True):
        SubElement(container, "h3").text = label
        block.set("class", "tab")
        container.append(block)
    return container


class TaskBoxes(Postprocessor):
    """Replace the checkboxes of task lists, which nobody can tick, with a symbol that has a text alternative."""

    def run(self, text: str) -> str:
        """Return the HTML of the page with its checkboxes replaced."""
        return _BOX.sub(lambda box: _checkbox_symbol(bool(box[1] or box[2])), text)


def _checkbox_symbol(is_ticked: bool) -> str:
    return f'<span role="img" aria-label="{"Done" if is_ticked else "Not done"}:">{"☑" if is_ticked else "☐"}</span>'


def _append_abbreviations(root: Element) -> None:
    """List the abbreviations at the foot of the page too: a tooltip needs a mouse."""
    abbreviations = {
        "".join(abbreviation.itertext()): abbreviation.get("title", "") for abbreviation in root.iter("abbr")
    }
    if not abbreviations:
        return
    heading = SubElement(root, "h2", {"id": "short-forms"})
    heading.text = "Short forms"
    meanings = SubElement(root, "dl", {"class": "short-forms"})
    for abbreviation, meaning in sorted(abbreviations.items()):
        SubElement(meanings, "dt").text = abbreviation
        SubElement(meanings, "dd").text = meaning
