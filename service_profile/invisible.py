"""Invisible characters to remove from settings, answers, references and emails.

They come with text that is pasted from Word, web pages and chat programs. A phone number, an email address or a secret
that contains an invisible character looks right but does not work.
"""

import re

# Unicode's Default_Ignorable_Code_Point without the joiners below, and the marks of interlinear annotation: soft
# hyphen, fillers, zero-width characters, marks of direction, tags.
INVISIBLE_PATTERN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
# Joiners and variation selectors: meaningless in a number, but some scripts and emoji need them in text.
JOINERS_PATTERN = re.compile("[\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# The last is a Braille pattern without dots.
UNUSUAL_SPACES_PATTERN = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800]")


def remove_invisible(text: str, remove_joiners: bool = False) -> str:
    """Return `text` without invisible characters, and with every unusual space replaced by an ordinary space.

    With `remove_joiners`, also remove joiners and variation selectors: numbers, addresses and secrets never need them.
    """
    text = UNUSUAL_SPACES_PATTERN.sub(" ", INVISIBLE_PATTERN.sub("", text))
    return JOINERS_PATTERN.sub("", text) if remove_joiners else text


def has_invisible(text: str) -> bool:
    """Return whether `text` contains an invisible character, a joiner or an unusual space."""
    return remove_invisible(text, remove_joiners=True) != text
