"""References such as 7KQ4-M2X6: short enough to read out, checked so that a slip of the tongue is noticed."""

import re
import secrets

# Crockford's base 32: no I, L, O or U, so that nothing reads as something else and no word appears.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_SHAPE = re.compile(rf"([{ALPHABET}]{{4}})[\s\-\u2010-\u2015]*([{ALPHABET}]{{4}})")


def _check_character(first_seven: str) -> str:
    """Luhn mod 32 over the values by place: catches every single slip and nearly every swap of neighbours."""
    total = 0
    for place, character in enumerate(reversed(first_seven)):
        value = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def new() -> str:
    """A fresh random reference (35 bits); the store says if it is already taken."""
    first_seven = "".join(secrets.choice(ALPHABET) for _ in range(7))
    whole = first_seven + _check_character(first_seven)
    return f"{whole[:4]}-{whole[4:]}"


def understand(typed: str) -> str | None:
    """The canonical form of what somebody typed, or None when it cannot be a reference."""
    match = _SHAPE.fullmatch(typed.strip().upper().translate(_LOOKALIKES))
    if match is None:
        return None
    whole = match[1] + match[2]
    if _check_character(whole[:7]) != whole[7]:
        return None
    return f"{whole[:4]}-{whole[4:]}"
