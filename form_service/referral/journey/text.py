"""Which typed characters can be kept, shown and mailed as they are."""

import re
import unicodedata

LINE_ENDS = re.compile(r"\r\n|\r")
# Controls (a tab is fine), surrogates and the code points that Unicode reserves as noncharacters: no keyboard types
# them, HTML forbids them, and mail programs do what they like with them.
CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)
LINE_BREAKS = re.compile("[\n\u2028\u2029]")


def with_plain_line_ends(text: str) -> str:
    """Browsers send line ends as CR LF; one line end is one character here."""
    return LINE_ENDS.sub("\n", text)


def is_blank(text: str) -> bool:
    """True when nobody would see anything: only spaces, controls and invisible marks."""
    # Each character once: somebody may have pasted very many of them.
    return all(unicodedata.category(character)[0] in "ZC" for character in set(text))


def has_unusable(text: str, lines: bool) -> bool:
    """True when `text` holds a character that cannot be kept; `lines` allows line breaks."""
    return bool(CONTROLS.search(text) or (not lines and LINE_BREAKS.search(text)))


def showable(text: str) -> str:
    """`text` with what HTML forbids shown as the replacement character, so that the person sees where it stands."""
    return CONTROLS.sub("\ufffd", text)
