"""Contrast of two colours, as WCAG 2.2 defines it."""

import re
from collections.abc import Iterable

TEXT, EDGE = 4.5, 3.0  # the least ratio for text (1.4.3) and for the edges of controls (1.4.11)


def parts_of(colour: str) -> list[int]:
    """Return red, green and blue of "#rrggbb", from 0 to 255. Raises ValueError for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"{colour} is not a colour like #0f5156")
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def written(parts: Iterable[int]) -> str:
    """Return red, green and blue as "#rrggbb"."""
    return "#" + "".join(f"{part:02x}" for part in parts)


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb", from 0 (black) to 1 (white). Raises ValueError for anything else."""
    parts = [part / 255 for part in parts_of(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)
