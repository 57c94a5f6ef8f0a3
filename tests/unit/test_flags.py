"""Answers that show a risk raise an alert in the team's email."""

import pytest

from form_service.mail.team_email import FLAG_ALERTS
from form_service.referral.journey.flags import Flag, flags_of

HARMED_ANSWERS, RESPONSIBLE_ANSWERS = {"who": ["harmed"]}, {"who": ["responsible"]}


def professional_answers(side: str) -> dict[str, list[str]]:
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
        (HARMED_ANSWERS, {"HARMED"}),
        (RESPONSIBLE_ANSWERS, {"RESPONSIBLE"}),
        (professional_answers("harmed"), {"HARMED"}),
        (professional_answers("responsible"), {"RESPONSIBLE"}),
        (professional_answers("unsure"), {"HARMED", "RESPONSIBLE"}),
    ],
)
def test_abuse_is_flagged_for_a_person_harmed_and_a_person_responsible(
    answers: dict[str, list[str]], sides: set[str], harm: str, kinds: set[str]
) -> None:
    expected_flags = {Flag[f"{kind}_{side}"] for kind in kinds for side in sides}
    assert set(flags_of(answers | {"harm": [harm]})) == expected_flags


def test_every_flag_has_an_alert_with_a_text_of_its_own() -> None:
    assert len({flag_alert.text for flag_alert in FLAG_ALERTS.values()}) == len(FLAG_ALERTS) == len(Flag)


def test_a_person_who_accepts_no_responsibility_is_flagged() -> None:
    assert Flag.RESPONSIBILITY_NOT_ACCEPTED in flags_of(RESPONSIBLE_ANSWERS | {"accepts": ["no"]})
    assert Flag.RESPONSIBILITY_NOT_ACCEPTED not in flags_of(RESPONSIBLE_ANSWERS | {"accepts": ["talk_first"]})
