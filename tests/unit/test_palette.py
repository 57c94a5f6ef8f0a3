"""The colours made from a service's own hold whatever a service chooses."""

import random

import pytest

from service_profile import load
from service_profile.contrast import contrast
from service_profile.palette import palette, with_hue

ENOUGH = 7.0  # WCAG 2.2, 1.4.6
ON_TINTS = [("light", "ink", "tint"), ("light", "on_stage", "stage"), ("light", "on_stage", "bubble")]
ON_TINTS += [("light", "on_stage", "glow"), ("dark", "ink", "tint"), ("dark", "on_cover", "cover")]
ON_TINTS += [("dark", "on_stage", "stage"), ("dark", "on_stage", "bubble"), ("dark", "on_stage", "glow")]


def lowest(look: dict[str, dict[str, str]]) -> float:
    made = palette(look)
    return min(contrast(made[scheme][text], made[scheme][ground]) for scheme, text, ground in ON_TINTS)


def test_words_on_every_tint_are_easy_to_read() -> None:
    assert lowest(load()["look"]) >= ENOUGH


def test_no_choice_of_accent_and_warm_colour_makes_words_on_a_tint_hard_to_read() -> None:
    dice = random.Random(7)
    look = load()["look"]
    for _ in range(400):
        chosen = {name: f"#{dice.randrange(0x1000000):06x}" for name in ("accent", "warm")}
        assert lowest({scheme: {**look[scheme], **chosen} for scheme in look}) >= ENOUGH, chosen


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#808080", "#0000ff", "#ff0000"])
def test_a_colour_without_a_hue_or_beyond_the_screen_still_gives_a_tint(colour: str) -> None:
    assert contrast(with_hue(colour, 0.945, 0.03), "#1f2a2c") >= ENOUGH
