"""The tabs, tables, abbreviations and checkboxes of Material for MkDocs, changed to work without JavaScript.

People who edit pages copy examples from Material's manual. Python-Markdown and pymdownx parse the text; this module
changes the elements that would need JavaScript or a mouse.
"""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

_CHECKBOX = re.compile(
    r'<label class="task-list-control"><input type="checkbox" disabled( checked)?\s*/?>.*?</label>|'
    r'<input type="checkbox" disabled( checked)?\s*/?>',
    re.DOTALL,
)


class MaterialElementProcessor(Treeprocessor):
    """A processor that makes tables scroll, turns tabs into headings and lists the abbreviations of a page."""

    def run(self, root: Element) -> None:
        """Change the tables, tabs and abbreviations in the page's element tree."""
        for parent in list(root.iter()):
            for index, child in enumerate(list(parent)):
                if child.tag == "table":
                    parent[index] = _scrollable_table(child)
                elif child.get("class", "").startswith("tabbed-set"):
                    parent[index] = _tabs_as_headings(child)
        _append_abbreviations(root)


def _scrollable_table(table: Element) -> Element:
    """Return the table inside an element that scrolls horizontally and that the keyboard can focus."""
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
    """Return the tabs as headings, each with the content of its tab below it."""
    labels = ["".join(label.itertext()) for label in tabs.iter("label")]
    blocks = [block for block in tabs.iter("div") if block.get("class") == "tabbed-block"]
    container = Element("div", {"class": "tabs"})
    container.tail = tabs.tail
    for label, block in zip(labels, blocks, strict=True):
        SubElement(container, "h3").text = label
        block.set("class", "tab")
        container.append(block)
    return container


class CheckboxProcessor(Postprocessor):
    """A processor that replaces checkboxes in task lists with symbols and their meaning."""

    def run(self, text: str) -> str:
        """Return the page's HTML with a symbol in place of each checkbox."""
        return _CHECKBOX.sub(lambda match: _checkbox_symbol(bool(match[1] or match[2])), text)


def _checkbox_symbol(is_ticked: bool) -> str:
    return f'<span role="img" aria-label="{"Done" if is_ticked else "Not done"}:">{"☑" if is_ticked else "☐"}</span>'


def _append_abbreviations(root: Element) -> None:
    """Add a list of the abbreviations and their meanings to the end of the page, because a tooltip needs a mouse."""
    abbreviations = {
        "".join(abbreviation.itertext()): abbreviation.get("title", "") for abbreviation in root.iter("abbr")
    }
    if not abbreviations:
        return
    heading = SubElement(root, "h2", {"id": "short-forms"})
    heading.text = "Short forms"
    meaning_list = SubElement(root, "dl", {"class": "short-forms"})
    for abbreviation, meaning in sorted(abbreviations.items()):
        SubElement(meaning_list, "dt").text = abbreviation
        SubElement(meaning_list, "dd").text = meaning
