"""References such as 7KQ4-M2X6: short enough to read aloud, with a check character that catches typing errors."""

import re
import secrets

from service_profile.invisible import remove_invisible

# Crockford's base 32: no I, L, O or U, so that no character can be mistaken for another and hardly a word can form.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_REFERENCE_PATTERN = re.compile(rf"([{ALPHABET}]{{4}})[\s\-\u2010-\u2015]*([{ALPHABET}]{{4}})")


def _luhn_character(first_seven: str) -> str:
    """Return the Luhn mod 32 check character for the first seven characters of a reference.

    The check character reveals any single wrong character and nearly all swaps of adjacent characters.
    """
    total = 0
    for position, character in enumerate(reversed(first_seven)):
        value = ALPHABET.index(character) * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def new_reference() -> str:
    """Return a new random reference. The store refuses a reference that is already in use."""
    first_seven = "".join(secrets.choice(ALPHABET) for _ in range(7))
    characters = first_seven + _luhn_character(first_seven)
    return f"{characters[:4]}-{characters[4:]}"


def parse_reference(typed_reference: str) -> str | None:
    """Return the canonical form of a typed reference, such as 7KQ4-M2X6, or None if the reference is not valid."""
    visible_text = remove_invisible(typed_reference, remove_joiners=True)
    match = _REFERENCE_PATTERN.fullmatch(visible_text.strip().upper().translate(_LOOKALIKES))
    if match is None:
        return None
    characters = match[1] + match[2]
    if _luhn_character(characters[:7]) != characters[7]:
        return None
    return f"{characters[:4]}-{characters[4:]}"
