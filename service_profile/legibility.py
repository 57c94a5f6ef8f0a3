"""Check that the service's colours give text and edges enough contrast: WCAG 2.2, criteria 1.4.3 and 1.4.11."""

from collections.abc import Iterator, Mapping

from service_profile.contrast import MIN_EDGE_CONTRAST, MIN_TEXT_CONTRAST, contrast
from service_profile.palette import palette

# (colour, its background, minimum contrast): every pair that the style sheets combine.
COLOUR_PAIRS = [
    *(
        (colour, background, MIN_TEXT_CONTRAST)
        for colour in ("ink", "quiet", "accent", "link")
        for background in ("paper", "panel", "tint")
    ),
    *(("warm", background, MIN_TEXT_CONTRAST) for background in ("paper", "panel")),
    *(("on_stage", background, MIN_TEXT_CONTRAST) for background in ("stage", "bubble", "glow")),
    ("on_accent", "accent", MIN_TEXT_CONTRAST),
    ("on_cover", "cover", MIN_TEXT_CONTRAST),
    ("line", "paper", MIN_EDGE_CONTRAST),
]
# The colours from which `palette` derives others, for the message.
DERIVED_FROM = {
    "tint": "accent and panel",
    "glow": "warm and panel",
    "stage": "panel",
    "bubble": "panel",
    "cover": "accent",
}
TEXT_ON_FOCUS = "#14201f"  # words on the focus colour: "Leave this page", and a link that has the focus


def problems(look: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a sentence for each pair of colours with too little contrast.

    If a colour is missing or malformed, yield only a sentence that says so.
    """
    try:
        schemes = palette(look)
    except KeyError as error:
        yield f"extra.service.look has no colour {error.args[0]}"
        return
    except ValueError as error:
        yield f"extra.service.look: {error}"
        return
    for scheme, colours in schemes.items():
        yield from _contrast_problems(f"extra.service.look.{scheme}", colours)


def _contrast_problems(scheme_name: str, colours: Mapping[str, str]) -> Iterator[str]:
    try:
        for colour, background, minimum in COLOUR_PAIRS:
            ratio = contrast(colours[colour], colours[background])
            if ratio < minimum:
                origin = f", made from {DERIVED_FROM[background]}" if background in DERIVED_FROM else ""
                yield (
                    f"{scheme_name}.{colour} ({colours[colour]}) is too close to "
                    f"{background} ({colours[background]}{origin}): "
                    f"their contrast is {ratio:.1f} and must be {minimum:g} or more"
                )
        if contrast(colours["focus"], TEXT_ON_FOCUS) < MIN_TEXT_CONTRAST:
            yield f"{scheme_name}.focus ({colours['focus']}) is too dark for the words on it ({TEXT_ON_FOCUS})"
    except KeyError as error:
        yield f"{scheme_name}.{error.args[0]} is missing"
    except ValueError as error:
        yield f"{scheme_name}: {error}"
