"""Which typed characters can be kept, shown and emailed as they are."""

import re
import unicodedata

LINE_ENDS = re.compile(r"\r\n|\r")
# Controls other than tab and line feed, surrogates and Unicode's noncharacters: no keyboard types them, HTML forbids
# them and mail programs treat them as they like.
UNUSABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
UNUSABLE_CHARACTER = re.compile(f"[{UNUSABLE}]")
USABLE_TEXT = re.compile(rf"[^{UNUSABLE}]*\Z")
USABLE_LINE = re.compile(rf"[^{UNUSABLE}\n\u2028\u2029]*\Z")
# Characters that nobody sees in a number, an email address or a reference: soft hyphen, zero-width characters, marks
# of direction, variation selectors and tags. Joiners (U+200C, U+200D) stay in text, where some scripts need them.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def with_plain_line_ends(text: str) -> str:
    """Return `text` with line ends as LF; browsers send CR LF."""
    return LINE_ENDS.sub("\n", text)


def is_blank(text: str) -> bool:
    """Return whether `text` shows nothing: it holds only spaces, controls and invisible characters."""
    # Look at each different character once, because a pasted text may be very long.
    return all(unicodedata.category(character)[0] in "ZC" for character in set(text))


def without_invisible(text: str, joiners: bool = False) -> str:
    """Return `text` as it looks, without invisible characters and with plain spaces, fit to be copied.

    `joiners` also removes the joiners and variation selectors that only words need.
    """
    text = SPACES.sub(" ", INVISIBLE.sub("", text))
    return JOINERS.sub("", text) if joiners else text


def showable(text: str) -> str:
    """Return `text` with each character that HTML forbids replaced by U+FFFD, so that the person sees where it is."""
    return UNUSABLE_CHARACTER.sub("\ufffd", text)
