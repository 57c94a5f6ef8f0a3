"""Rules for typed text: usable characters, line ends, blank answers, and answers that the team copies."""

import re
import unicodedata

from form_service.referral.questions.model import Kind
from service_profile.invisible import remove_invisible

CR_LINE_END_PATTERN = re.compile(r"\r\n|\r")
# Controls other than tab and line feed, surrogates and Unicode's noncharacters: no keyboard types them, HTML forbids
# them and email programs handle them inconsistently.
UNUSABLE_RANGES = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
UNUSABLE_CHARACTER_PATTERN = re.compile(f"[{UNUSABLE_RANGES}]")
USABLE_TEXT_PATTERN = re.compile(rf"[^{UNUSABLE_RANGES}]*\Z")
USABLE_LINE_PATTERN = re.compile(rf"[^{UNUSABLE_RANGES}\n\u2028\u2029]*\Z")
# The full-width forms of ASCII, which East Asian keyboards type, and ideographic full stops.
_FULL_WIDTH_TO_ASCII = {code + 0xFEE0: code for code in range(0x21, 0x7F)} | {0x3002: ".", 0xFF61: "."}


def with_plain_line_ends(text: str) -> str:
    """Return `text` with LF line ends, because browsers send CR LF."""
    return CR_LINE_END_PATTERN.sub("\n", text)


def is_blank(text: str) -> bool:
    """Return whether `text` contains only white space, control characters and invisible characters."""
    # Look at each different character once, because a pasted text may be very long.
    visible_characters = remove_invisible("".join(set(text)), remove_joiners=True)
    return all(unicodedata.category(character)[0] in "ZC" for character in visible_characters)


def make_copyable(text: str, kind: Kind) -> str:
    """Return an answer without invisible characters, so that the team can copy it.

    Telephone numbers and email addresses also lose outer white space, and their full-width characters become ASCII.
    In telephone numbers, the digits of all scripts become ASCII digits.
    """
    if kind not in (Kind.TEL, Kind.EMAIL):
        return remove_invisible(text)
    text = remove_invisible(text, remove_joiners=True).translate(_FULL_WIDTH_TO_ASCII).strip()
    return "".join(map(_digit_to_ascii, text)) if kind is Kind.TEL else text


def _digit_to_ascii(character: str) -> str:
    return str(unicodedata.decimal(character, character))


def replace_unusable_characters(text: str) -> str:
    """Return `text` with U+FFFD in place of each character that HTML forbids."""
    return UNUSABLE_CHARACTER_PATTERN.sub("\ufffd", text)
