"""The alerts at the top of the team's email."""

import pytest

from form_service.mail.team_email import FLAG_ALERTS
from form_service.referral.journey.flags import Flag, flags_of

HARMED, RESPONSIBLE = {"who": ["harmed"]}, {"who": ["responsible"]}


def of_a_client(side: str) -> dict[str, list[str]]:
    return {"who": ["professional"], "side": [side]}


@pytest.mark.parametrize(
    ("harm", "kinds"),
    [
        ("home", {"DOMESTIC_ABUSE"}),
        ("sexual", {"SEXUAL_ABUSE"}),
        ("home_sexual", {"DOMESTIC_ABUSE", "SEXUAL_ABUSE"}),
        ("stalking", set()),
    ],
)
@pytest.mark.parametrize(
    ("answers", "sides"),
    [
        (HARMED, {"HARMED"}),
        (RESPONSIBLE, {"RESPONSIBLE"}),
        (of_a_client("harmed"), {"HARMED"}),
        (of_a_client("responsible"), {"RESPONSIBLE"}),
        (of_a_client("unsure"), {"HARMED", "RESPONSIBLE"}),
    ],
)
def test_abuse_is_flagged_whichever_side_the_person_is_on(
    answers: dict[str, list[str]], sides: set[str], harm: str, kinds: set[str]
) -> None:
    expected = {Flag[f"{kind}_{side}"] for kind in kinds for side in sides}
    assert set(flags_of(answers | {"harm": [harm]})) == expected


def test_the_two_sides_are_warned_of_in_different_words() -> None:
    assert len({alert.text for alert in FLAG_ALERTS.values()}) == len(FLAG_ALERTS) == len(Flag)


def test_no_to_responsibility_is_flagged() -> None:
    assert Flag.NO_RESPONSIBILITY in flags_of(RESPONSIBLE | {"accepts": ["no"]})
    assert Flag.NO_RESPONSIBILITY not in flags_of(RESPONSIBLE | {"accepts": ["talk_first"]})
