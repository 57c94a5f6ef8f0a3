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


class Vocabulary(Treeprocessor):
    """Change the tree in place, once all blocks and inline marks are read."""

    def run(self, root: Element) -> None:
        """See Treeprocessor."""
        for parent in list(root.iter()):
            for place, child in enumerate(list(parent)):
                if child.tag == "table":
                    parent[place] = _scrolling(child)
                elif child.get("class", "").startswith("tabbed-set"):
                    parent[place] = _one_below_the_other(child)
        _list_short_forms(root)


def _scrolling(table: Element) -> Element:
    """Return a table in an element that scrolls horizontally and can be focused with the keyboard."""
    holder = Element("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Table"})
    heads = [" ".join("".join(cell.itertext()).split()) for cell in table.iter("th")]
    if any(heads):
        holder.set("aria-label", f"Table: {', '.join(filter(None, heads))}")
    for cell in table.iter("th"):
        cell.set("scope", "col")
    holder.tail, table.tail = table.tail, None
    holder.append(table)
    return holder


def _one_below_the_other(tabs: Element) -> Element:
    """Return content tabs as headings with their text below."""
    labels = ["".join(label.itertext()) for label in tabs.iter("label")]
    blocks = [block for block in tabs.iter("div") if block.get("class") == "tabbed-block"]
    holder = Element("div", {"class": "tabs"})
    holder.tail = tabs.tail
    for label, block in zip(labels, blocks, strict=True):
        SubElement(holder, "h3").text = label
        block.set("class", "tab")
        holder.append(block)
    return holder


class TaskBoxes(Postprocessor):
    """Replace the checkboxes of task lists, which nobody can tick, with a symbol that has a text alternative."""

    def run(self, text: str) -> str:
        """See Postprocessor."""
        return _BOX.sub(lambda box: _sign(bool(box[1] or box[2])), text)


def _sign(is_ticked: bool) -> str:
    return f'<span role="img" aria-label="{"Done" if is_ticked else "Not done"}:">{"☑" if is_ticked else "☐"}</span>'


def _list_short_forms(root: Element) -> None:
    """List the abbreviations at the foot of the page too: a tooltip needs a mouse."""
    found = {"".join(short.itertext()): short.get("title", "") for short in root.iter("abbr")}
    if not found:
        return
    heading = SubElement(root, "h2", {"id": "short-forms"})
    heading.text = "Short forms"
    meanings = SubElement(root, "dl", {"class": "short-forms"})
    for short, meaning in sorted(found.items()):
        SubElement(meanings, "dt").text = short
        SubElement(meanings, "dd").text = meaning
