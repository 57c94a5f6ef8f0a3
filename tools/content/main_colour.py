"""Derive the main colours of the light and the dark scheme from one colour."""

from collections.abc import Mapping

from service_profile.contrast import MIN_TEXT_CONTRAST, contrast, hex_colour, rgb_channels


def colour_problem(colour: str, light_scheme: Mapping[str, str]) -> str | None:
    """Return why `colour` cannot be the main colour of the light scheme, or None if it can.

    `light_scheme` contains the scheme's other colours by name.
    """
    try:
        ratios = {name: contrast(colour, light_scheme[name]) for name in ("paper", "panel")}
    except ValueError as error:
        return f"{error}."
    name, ratio = min(ratios.items(), key=lambda item: item[1])
    if ratio >= MIN_TEXT_CONTRAST:
        return None
    return (
        f"{colour} is too light: its contrast with the {name} is {ratio:.1f} and must be {MIN_TEXT_CONTRAST} or more."
    )


def scheme_colours(colour: str, look: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the main colour and the text colour of each scheme, by setting name.

    `colour` is the main colour of the light scheme. `look` contains the other colours of both schemes.
    """
    dark_accent = next(
        shade
        for step in range(21)
        if contrast(shade := _mix(colour, "#ffffff", step / 20), look["dark"]["panel"]) >= 7 or step == 20
    )
    return {
        "look.light.accent": colour,
        "look.light.on_accent": max(("#ffffff", look["light"]["ink"]), key=lambda ink: contrast(ink, colour)),
        "look.dark.accent": dark_accent,
        "look.dark.on_accent": max(("#ffffff", look["dark"]["paper"]), key=lambda ink: contrast(ink, dark_accent)),
    }


def _mix(colour: str, other_colour: str, weight: float) -> str:
    channel_pairs = zip(rgb_channels(colour), rgb_channels(other_colour), strict=True)
    return hex_colour(round(a + (b - a) * weight) for a, b in channel_pairs)
