"""How text stands in a mail so that nobody can mistake who says it."""

import re
import textwrap

# Every line of a person's own words starts with this. The left-to-right mark keeps the bar on the left whatever
# follows. Two spaces in front keep Outlook from joining lines ("extra line breaks").
OWN_WORDS = "  \u200e| "
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
OPENERS = frozenset("\u2066\u2067\u2068")
LINE_ENDS = re.compile("\r\n|[\n\r\u2028\u2029]")
WIDTH = 76


def isolated(line: str) -> str:
    """`line` in a bidirectional isolate (Unicode UAX 9) that the line itself cannot close or leave open.

    A line of plain ASCII has no direction to change: it stands bare, so that an address or a number that somebody
    copies out of the mail holds nothing that cannot be seen.
    """
    if line.isascii():
        return line
    open_now, closed_too_often = 0, 0
    for character in line:
        if character in OPENERS:
            open_now += 1
        elif character == END_OF_ISOLATE:
            closed_too_often += not open_now
            open_now -= bool(open_now)
    return ISOLATE * (closed_too_often + 1) + line + END_OF_ISOLATE * (open_now + 1)


def own_words(text: str) -> list[str]:
    """A person's own words, a mark before each line, each line a world of its own for the reading direction."""
    return [OWN_WORDS + isolated(line) for line in LINE_ENDS.split(text)]


def ours(text: str, indent: str = "  ") -> list[str]:
    """The form's own words, wrapped so that no mail program wraps them."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def heading(text: str) -> list[str]:
    """A heading between two blank lines."""
    return ["", text, "-" * len(text), ""]
