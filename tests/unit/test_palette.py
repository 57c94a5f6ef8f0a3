"""Text has enough contrast on every background that the style sheets use, whatever colours a service chooses."""

import random
import re
from pathlib import Path

import pytest

from service_profile import load
from service_profile.contrast import MIN_TEXT_CONTRAST, contrast
from service_profile.legibility import COLOUR_PAIRS, problems
from service_profile.palette import derive_shade, palette

MIN_ENHANCED_CONTRAST = 7.0  # WCAG 2.2, 1.4.6
# Pairs whose background is derived, so that a service's accent or warm colour cannot reduce their contrast.
DERIVED_BACKGROUND_PAIRS = [("ink", "tint"), ("on_stage", "stage"), ("on_stage", "bubble"), ("on_stage", "glow")]
Look = dict[str, dict[str, str]]


def contrast_ratios(look: Look, pairs: list[tuple[str, str]]) -> dict[tuple[str, str, str], float]:
    """Return the contrast ratio of each pair (text, background) in each colour scheme."""
    colours = palette(look)
    return {
        (scheme, text, background): contrast(colours[scheme][text], colours[scheme][background])
        for scheme in colours
        for text, background in pairs
    }


def with_accent_and_warm_colours(look: Look, accent: str, warm: str) -> Look:
    return {scheme: {**look[scheme], "accent": accent, "warm": warm} for scheme in look}


def test_text_in_the_services_own_colours_has_enough_contrast_everywhere() -> None:
    # `warm` on `panel` is used only for bold text and for discs in pictures, where a ratio of 4.5 is enough.
    pairs = [
        (text, background)
        for text, background, min_contrast in COLOUR_PAIRS
        if min_contrast == MIN_TEXT_CONTRAST and (text, background) != ("warm", "panel")
    ]
    faint_ratios = {
        pair: round(ratio, 2)
        for pair, ratio in contrast_ratios(load()["look"], pairs).items()
        if ratio < MIN_ENHANCED_CONTRAST
    }
    assert faint_ratios == {}


def test_no_accent_or_warm_colour_makes_text_on_a_derived_background_hard_to_read() -> None:
    rng = random.Random(7)
    look = load()["look"]
    for _ in range(400):
        accent_and_warm = [f"#{rng.randrange(0x1000000):06x}" for _ in range(2)]
        contrasts = contrast_ratios(with_accent_and_warm_colours(look, *accent_and_warm), DERIVED_BACKGROUND_PAIRS)
        assert min(contrasts.values()) >= MIN_ENHANCED_CONTRAST, (accent_and_warm, contrasts)


def test_a_link_colour_too_faint_on_the_tint_is_refused() -> None:
    look = load()["look"]
    tint = palette(look)["light"]["tint"]
    faint_link_colour = next(
        grey
        for grey in (f"#{level:02x}" + f"{level:02x}" * 2 for level in range(256))
        if contrast(grey, tint) < MIN_TEXT_CONTRAST
    )
    look = {**look, "light": {**look["light"], "link": faint_link_colour}}
    assert any("link" in problem and "tint" in problem and "accent and panel" in problem for problem in problems(look))


def test_every_text_and_background_colour_of_the_style_sheets_is_checked(root: Path) -> None:
    style_sheets = " ".join(path.read_text(encoding="utf-8") for path in (root / "overrides" / "css").glob("*.css"))
    used_colours = set(re.findall(r"(?<![-\w])color: var\(--(\w+)\)", style_sheets))
    inverted_colours = {"cover", "line"}  # `cover` on `on_cover` is checked the other way round; `line` colours no text
    assert used_colours - inverted_colours <= {text for text, _, _ in COLOUR_PAIRS}
    backgrounds = set(re.findall(r"background(?:-color)?: var\(--(\w+)\)", style_sheets))
    assert backgrounds - {"on_cover", "focus", "on_stage"} <= {background for _, background, _ in COLOUR_PAIRS}


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#808080", "#0000ff", "#ff0000"])
def test_grey_and_fully_saturated_colours_still_give_a_legible_tint(colour: str) -> None:
    assert contrast(derive_shade(colour, 0.945, 0.03), "#1f2a2c") >= MIN_ENHANCED_CONTRAST
