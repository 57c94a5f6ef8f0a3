"""Remove text that refers to an empty fact, which is a detail that mkdocs.yml leaves empty.

A paragraph or list item that refers to an empty fact is removed. A heading is removed if no text is left below it.
"""

import re
from collections.abc import Iterator, Mapping

from service_profile.facts import refers_to_empty_fact

HEADING = re.compile(r"(#{1,6}) ")
OPENING_TAG = re.compile(r"<div\b[^>]*>\s*$")  # the start of an element around the following lines
ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)]) ")


def remove_text_with_empty_facts(lines: list[str], facts: Mapping[str, str]) -> list[str]:
    """Return the page's lines without the paragraphs and list items that refer to an empty fact.

    A heading is removed too if it refers to an empty fact itself, or if this leaves no text below it.
    """
    blocks = [(block, refers_to_empty_fact("\n".join(block), facts)) for block in _split_blocks(lines)]
    kept_blocks = [
        block
        for index, (block, has_empty_fact) in enumerate(blocks)
        if not has_empty_fact and not _is_empty_section(blocks[index:])
    ]
    return [line for block in kept_blocks for line in block]


def _split_blocks(lines: list[str]) -> Iterator[list[str]]:
    """Split the page's lines into blocks, such as a heading, a paragraph, a list item or an empty line."""
    block: list[str] = []
    for line in lines:
        starts_block = not line.strip() or ITEM.match(line) or HEADING.match(line) or line.startswith("</")
        if block and (starts_block or not block[0].strip() or HEADING.match(block[0]) or OPENING_TAG.match(block[0])):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _is_empty_section(blocks: list[tuple[list[str], bool]]) -> bool:
    """Return whether the first block is a heading and every text in its section refers to an empty fact.

    `blocks` holds the rest of the page. Each entry is the lines of a block, and whether they refer to an empty fact.
    """
    heading = HEADING.match(blocks[0][0][0])
    if not heading:
        return False
    has_removed_block = False
    for block, has_empty_fact in blocks[1:]:
        next_heading = HEADING.match(block[0])
        if block[0].startswith("</") or (next_heading and len(next_heading[1]) <= len(heading[1])):
            break
        if block[0].strip() and not has_empty_fact and not next_heading and not OPENING_TAG.match(block[0]):
            return False
        has_removed_block = has_removed_block or has_empty_fact
    return has_removed_block
