"""Render an email as plain text, with a bar before each line that a person typed.

The service's own lines have at most 72 characters, so that no email program wraps them. Their indent of two spaces
keeps Outlook from joining them.
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterator

from form_service.mail.document import Alert, Answer, Block, Bullets, Document, Link, OwnWords, Paragraph, Subheading
from service_profile.invisible import remove_invisible

# Every line that a person typed starts with one of these prefixes. The left-to-right mark (LRM) keeps the bar on the
# left of a line that could run from right to left; other lines get none, because the team may copy them.
OWN_WORDS_PREFIX, OWN_WORDS_PREFIX_WITH_LRM = "  | ", "  \u200e| "
# An isolate (UAX 9) keeps the direction of the text inside it from changing the text around it.
START_OF_ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
ISOLATE_OPENERS = frozenset("\u2066\u2067\u2068")
LINE_END_PATTERN = re.compile("\r\n|[\n\r\u2028\u2029]")
# Bidirectional classes (UAX 9) of characters that can change the direction of adjacent text.
_DIRECTIONAL_CLASSES = frozenset(("R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
LINE_WIDTH = 72


def render(document: Document) -> str:
    """Return the content of an email as plain text with LF line ends."""
    lines = [document.title]
    for block in document.opening_blocks:
        lines += ["", *_block_lines(block)]
    for section in document.sections:
        underline = "=" if section.is_urgent else "-"
        lines += ["", section.heading, underline * len(section.heading)]
        for index, block in enumerate(section.blocks):
            follows_answer = index and isinstance(block, Answer) and isinstance(section.blocks[index - 1], Answer)
            lines += _block_lines(block) if follows_answer else ["", *_block_lines(block)]
    return "\n".join(lines) + "\n"


def _block_lines(block: Block) -> list[str]:
    match block:
        case Paragraph(text):
            return wrap(text)
        case Alert(headline, text):
            return wrap(f"{headline}. {text}" if text else f"{headline}.")
        case Bullets(items):
            return [line for item in items for line in wrap(item, "  - ", "    ")]
        case Subheading(text):
            return wrap(text)
        case OwnWords(label, text, is_phone_or_email):
            return [*wrap(f"{label}:"), *mark_own_words(text, is_phone_or_email)]
        case Answer(label, choices):
            return list(_answer_lines(label, choices))
        case Link(text, url):
            return [*wrap(text), f"  {url}"]


def _answer_lines(label: str, choices: tuple[str, ...]) -> Iterator[str]:
    if len(choices) < 2:
        # A no-break space keeps the two words together while lines are broken.
        choice = choices[0] if choices else "(left\u00a0blank)"
        for line in wrap(f"{label}: {choice}", "  ", "      "):
            yield line.replace("\u00a0", " ")
        return
    yield from wrap(f"{label}:")
    for choice in choices:
        yield from wrap(choice, "      ", "        ")


def wrap(text: str, first_indent: str = "  ", later_indent: str | None = None) -> list[str]:
    """Break `text` into lines of at most LINE_WIDTH characters. A word that is longer than that is not broken.

    `later_indent` is for the lines after the first, by default `first_indent`.
    """
    return textwrap.wrap(
        text,
        LINE_WIDTH,
        initial_indent=first_indent,
        subsequent_indent=first_indent if later_indent is None else later_indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def mark_own_words(text: str, is_phone_or_email: bool = False) -> list[str]:
    """Split typed text into lines, and put a bar before each.

    Invisible characters are removed from a phone number or an email address.
    """
    if is_phone_or_email:
        return [OWN_WORDS_PREFIX + copyable_line(line) for line in split_lines(text)]
    return [
        OWN_WORDS_PREFIX_WITH_LRM + isolate(line) if can_change_direction(line) else OWN_WORDS_PREFIX + line
        for line in split_lines(text)
    ]


def split_lines(text: str) -> list[str]:
    """Split text at every character that an email program may show as a line break."""
    return LINE_END_PATTERN.split(text)


def copyable_line(line: str) -> str:
    """Return `line`, which is part of a phone number or an email address, without its invisible characters."""
    return remove_invisible(line, remove_joiners=True)


def can_change_direction(line: str) -> bool:
    """Return whether `line` contains a character that can change the direction of text."""
    return any(unicodedata.bidirectional(character) in _DIRECTIONAL_CLASSES for character in line)


def isolate(line: str) -> str:
    """Wrap `line` in a bidirectional isolate (UAX 9), so that it cannot reorder the text around it."""
    open_count, unmatched_end_count = 0, 0
    for character in line:
        if character in ISOLATE_OPENERS:
            open_count += 1
        elif character == END_OF_ISOLATE:
            unmatched_end_count += not open_count
            open_count -= bool(open_count)
    return START_OF_ISOLATE * (unmatched_end_count + 1) + line + END_OF_ISOLATE * (open_count + 1)
