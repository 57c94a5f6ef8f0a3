"""Leave out text that needs a fact which the service has not given.

A paragraph or list item that names an empty fact is left out, as in the leaflets, and so is a heading under which
nothing is left. So a page can mention details that only some services have, and shows no gap for the others.
"""

import re
from collections.abc import Iterator, Mapping

from service_profile.placeholders import FACT_MARK

HEADING = re.compile(r"(#{1,6}) ")
ELEMENT = re.compile(r"<div\b[^>]*>\s*$")  # the start of an element around the following lines
ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)]) ")
# Facts that may be empty in the middle of a sentence.
MAY_BE_EMPTY = frozenset({"link.or_text"})


def leave_out(lines: list[str], facts: Mapping[str, str]) -> list[str]:
    """Return the page's lines without those that name an empty fact."""
    blocks = [(block, _names_empty(block, facts)) for block in _blocks(lines)]
    kept = [block for place, (block, empty) in enumerate(blocks) if not empty and not _heads_nothing(blocks[place:])]
    return [line for block in kept for line in block]


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Split into headings, paragraphs, list items, and the empty lines between them."""
    block: list[str] = []
    for line in lines:
        starts = not line.strip() or ITEM.match(line) or HEADING.match(line) or line.startswith("</")
        if block and (starts or not block[0].strip() or HEADING.match(block[0]) or ELEMENT.match(block[0])):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _names_empty(block: list[str], facts: Mapping[str, str]) -> bool:
    names = {name for line in block for name in FACT_MARK.findall(line)} - MAY_BE_EMPTY
    return any(name in facts and not facts[name].strip() for name in names)


def _heads_nothing(blocks: list[tuple[list[str], bool]]) -> bool:
    """Return whether the first block is a heading whose section contains only empty facts."""
    heading = HEADING.match(blocks[0][0][0])
    if not heading:
        return False
    left_out = False
    for block, empty in blocks[1:]:
        following = HEADING.match(block[0])
        if block[0].startswith("</") or (following and len(following[1]) <= len(heading[1])):
            break
        if block[0].strip() and not empty and not following and not ELEMENT.match(block[0]):
            return False
        left_out = left_out or empty
    return left_out
