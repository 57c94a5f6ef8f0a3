"""Check the contrast of the service's colours: WCAG 2.2, criteria 1.4.3 (text) and 1.4.11 (edges)."""

import re
from collections.abc import Iterable, Iterator, Mapping

TEXT, EDGE = 4.5, 3.0
# (colour, what it is seen on, least ratio)
PAIRS = [
    *((colour, ground, TEXT) for colour in ("ink", "quiet", "accent", "link", "warm") for ground in ("paper", "panel")),
    ("on_accent", "accent", TEXT),
    ("line", "paper", EDGE),
]


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


def problems(look: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a sentence for each pair of colours with too little contrast, and for each value that is not a colour."""
    for scheme, colours in look.items():
        where = f"extra.service.look.{scheme}"
        try:
            for colour, ground, least in PAIRS:
                ratio = contrast(colours[colour], colours[ground])
                if ratio < least:
                    yield (
                        f"{where}.{colour} ({colours[colour]}) is too close to {ground} ({colours[ground]}): "
                        f"their contrast is {ratio:.1f} and must be {least:g} or more"
                    )
            # The focus outline is combined with either the dark or the light colour of the scheme.
            if max(contrast(colours["focus"], colours[name]) for name in ("ink", "paper")) < TEXT:
                yield f"{where}.focus ({colours['focus']}) can be told neither from ink nor from paper"
        except KeyError as error:
            yield f"{where}.{error.args[0]} is missing"
        except ValueError as error:
            yield f"{where}: {error}"
