"""Check that text and edges have enough contrast in the service's colours: WCAG 2.2, criteria 1.4.3 and 1.4.11."""

from collections.abc import Iterator, Mapping

from service_profile.contrast import EDGE, TEXT, contrast
from service_profile.palette import palette

# (colour, what it is seen on, least ratio): every pair that the style sheets combine.
PAIRS = [
    *((colour, ground, TEXT) for colour in ("ink", "quiet", "accent", "link") for ground in ("paper", "panel", "tint")),
    *(("warm", ground, TEXT) for ground in ("paper", "panel")),
    *(("on_stage", ground, TEXT) for ground in ("stage", "bubble", "glow")),
    ("on_accent", "accent", TEXT),
    ("on_cover", "cover", TEXT),
    ("line", "paper", EDGE),
]
# What each derived colour is derived from, for the message.
MADE_FROM = {
    "tint": "accent and panel",
    "glow": "warm and panel",
    "stage": "panel",
    "bubble": "panel",
    "cover": "accent",
}
ON_FOCUS = "#14201f"  # words on the focus colour: "Leave this page", and a link that has the focus


def problems(look: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a sentence for each pair of colours with too little contrast, and for each value that is not a colour."""
    try:
        schemes = palette(look)
    except KeyError as error:
        yield f"extra.service.look has no colour {error.args[0]}"
        return
    except ValueError as error:
        yield f"extra.service.look: {error}"
        return
    for scheme, colours in schemes.items():
        yield from _too_close(f"extra.service.look.{scheme}", colours)


def _too_close(where: str, colours: Mapping[str, str]) -> Iterator[str]:
    try:
        for colour, ground, least in PAIRS:
            ratio = contrast(colours[colour], colours[ground])
            if ratio < least:
                made = f", made from {MADE_FROM[ground]}" if ground in MADE_FROM else ""
                yield (
                    f"{where}.{colour} ({colours[colour]}) is too close to {ground} ({colours[ground]}{made}): "
                    f"their contrast is {ratio:.1f} and must be {least:g} or more"
                )
        if contrast(colours["focus"], ON_FOCUS) < TEXT:
            yield f"{where}.focus ({colours['focus']}) is too dark for the words on it ({ON_FOCUS})"
    except KeyError as error:
        yield f"{where}.{error.args[0]} is missing"
    except ValueError as error:
        yield f"{where}: {error}"
