"""What the team must know before it reads on. A flag never stops a referral."""

from enum import StrEnum

from form_service.referral.journey.answers import Answers, first, sendable


class Flag(StrEnum):
    """An alert at the top of the team's email."""

    UNDER_18 = "under_18"
    NO_ADULT = "no_adult"
    AGE_UNSURE = "age_unsure"
    DOMESTIC_ABUSE_HARMED = "domestic_abuse_harmed"
    DOMESTIC_ABUSE_RESPONSIBLE = "domestic_abuse_responsible"
    SEXUAL_ABUSE_HARMED = "sexual_abuse_harmed"
    SEXUAL_ABUSE_RESPONSIBLE = "sexual_abuse_responsible"
    COURT_ORDER_OR_WORRY = "court_order_or_worry"
    COURT_RUNNING = "court_running"
    NO_RESPONSIBILITY = "no_responsibility"


def flags_of(answers: Answers) -> tuple[Flag, ...]:
    """Return the flags, the most urgent first. A person who may be on either side gets the flags of both."""
    sent = sendable(answers)
    side = first(sent, "side") or first(sent, "who")
    harmed, responsible = side in ("harmed", "unsure"), side in ("responsible", "unsure")
    harm = first(sent, "harm")
    domestic, sexual = harm in ("home", "home_sexual"), harm in ("sexual", "home_sexual")
    flags = {
        Flag.UNDER_18: first(sent, "age") == "under_18",
        Flag.NO_ADULT: first(sent, "adult") == "none",
        Flag.AGE_UNSURE: first(sent, "age") == "unsure",
        Flag.DOMESTIC_ABUSE_HARMED: domestic and harmed,
        Flag.DOMESTIC_ABUSE_RESPONSIBLE: domestic and responsible,
        Flag.SEXUAL_ABUSE_HARMED: sexual and harmed,
        Flag.SEXUAL_ABUSE_RESPONSIBLE: sexual and responsible,
        Flag.COURT_ORDER_OR_WORRY: first(sent, "worry") in ("yes", "unsure"),
        Flag.COURT_RUNNING: first(sent, "stage") == "court",
        Flag.NO_RESPONSIBILITY: first(sent, "accepts") == "no",
    }
    return tuple(flag for flag, is_raised in flags.items() if is_raised)
