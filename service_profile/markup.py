"""Find mistakes in Markdown that would be visible on the page, and repair those that are unambiguous."""

import re
from collections.abc import Iterator

# Markdown that must not appear in a finished text, with advice.
_LEFTOVER_MARKUP = [
    (re.compile(pattern, re.MULTILINE), advice)
    for pattern, advice in (
        (r"<{7}", "There are two versions of these words here. Keep one, and delete the lines of <, = and >."),
        (r"\{\{|\}\}|\{%|%\}", "A fact is written {{ phone }}."),
        (r"\{:", "Put {: … } on a line of its own, right below the text that it belongs to."),
        (r"<!--|-->", "Delete the comment: anyone could read it."),
        (r"^\s*(?:!!!|\?\?\?\+?|===)(?=\s)", "A box begins on a line of its own, with an empty line above it."),
        (r"\[\[|\]\]", "A shortcode in double square brackets can only be used in leaflets, on a line of its own."),
        (r"\[\^", "A footnote is written [^1], and its text after [^1]: on a line of its own."),
        (r"\]\s*\(|\[[^\]\n]*\]\[", "A link is written [words](page.md), without a space between the brackets."),
        (r"^\s*#{1,6}(?=\s|\w)|\s#{2,6}(?=\s|$)", "A heading begins on a line of its own with ## and a space."),
        (r"\*\*|(?<!\w)__|__(?!\w)", "Bold is written **words**, without a space inside the stars."),
        (
            r"^\s*(?:[-*+–]\s+(?=\S)|-(?=[A-Za-z]))|\n\s*\d{1,2}[.)]\s",
            "Put an empty line above the list, and begin each item with “- ” or “1. ”.",
        ),
        (r"•", "Begin each item of the list with “- ”, on a line of its own."),
        (r"^\s*\|.*\|\s*$", "Put an empty line above the table, and a line of dashes below its first row."),
        (r"```|~~~|`", "Delete the ` marks: they are for computer code."),
        (r"\\(?=[*_#\[\]])", "Delete the backslash."),
    )
]
_FENCE = re.compile(r"\s*(?:```|~~~)")
_HARD_SPACE_AFTER_MARKER = re.compile(r"^(\s*(?:[-*+]|#{1,6}|\d{1,2}[.)]))[\u00a0\u2000-\u200a\u202f\u3000]+")
_BULLET = re.compile(r"^(\s*)[•·●▪◦‣]\s*(?=\S)")
_NUMBER_IN_BRACKET = re.compile(r"^(\s*\d{1,2})\)(?=\s)")
_HEADING_WITHOUT_SPACE = re.compile(r"^(#{1,6})(?=[^\s#])")
_FIRST_ITEM = re.compile(r"(\s*)(?:[-*+]|1[.)]) +\S")
_ANY_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,2}[.)]) ")
# Text with an attribute list {: … } that was on the next line: editing after a triple click can join two lines.
_TRAILING_ATTRIBUTES = re.compile(r"^([^\s#|].*[^\s)\]*_`}>])(\{: [^{}]+\})[^\S\n]*$")
_REMOVED_CHARACTERS = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))


def leftover_markup(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield (markup, position in `text`, advice) for each piece of markup that a finished text still contains."""
    for pattern, advice in _LEFTOVER_MARKUP:
        for match in pattern.finditer(text):
            yield match[0].strip(), match.start() + len(match[0]) - len(match[0].lstrip()), advice


def repair_line(line: str) -> str:
    """Return the line with formatting pasted from Word converted to Markdown.

    For example, a bullet character becomes "- ", "1)" becomes "1." and "##Heading" becomes "## Heading".
    """
    line = _BULLET.sub(r"\1- ", line.translate(_REMOVED_CHARACTERS))
    line = _NUMBER_IN_BRACKET.sub(r"\1.", _HARD_SPACE_AFTER_MARKER.sub(r"\1 ", line))
    return _HEADING_WITHOUT_SPACE.sub(r"\1 ", line)


def repair_lines(lines: list[str]) -> list[str]:
    """Repair the lines of a page, and add an empty line above each list that needs one.

    Code blocks stay unchanged. An attribute list {: … } at the end of a paragraph moves to a line of its own.
    """
    repaired_lines: list[str] = []
    in_fence = in_list = False
    for line in lines:
        in_fence ^= bool(_FENCE.match(line))
        if in_fence or line.startswith(("    ", "\t")):
            repaired_lines.append(line)
            continue
        line = repair_line(line)
        if not line.strip():
            in_list = False
        elif _ANY_ITEM.match(line):
            list_starts_below_paragraph = (
                not in_list and _FIRST_ITEM.match(line) and repaired_lines and _is_paragraph_line(repaired_lines[-1])
            )
            if list_starts_below_paragraph or (
                in_list
                and repaired_lines[-1][:1].isdigit() != line[:1].isdigit()
                and _ANY_ITEM.match(repaired_lines[-1])
            ):
                repaired_lines.append("")
            in_list = True
        attributes_match = _TRAILING_ATTRIBUTES.match(line)
        repaired_lines += attributes_match.groups() if attributes_match and not _ANY_ITEM.match(line) else [line]
    return repaired_lines


def _is_paragraph_line(line: str) -> bool:
    """Return whether the line above a list belongs to a paragraph, so that the list needs an empty line above it."""
    return bool(line.strip()) and not line.startswith((" ", "\t", "<", "#", "{:", ":"))
