"""What the team must notice before it reads on. A flag never stops a referral."""

from enum import StrEnum

from form_service.referral.journey.answers import Answers, first, sendable


class Flag(StrEnum):
    """One thing that the team is told at the top of the mail."""

    UNDER_18 = "under_18"
    NO_ADULT = "no_adult"
    AGE_UNSURE = "age_unsure"
    HARM_AT_HOME_OR_SEXUAL = "harm_at_home_or_sexual"
    COURT_ORDER_OR_WORRY = "court_order_or_worry"
    COURT_RUNNING = "court_running"


def flags_of(answers: Answers) -> tuple[Flag, ...]:
    """The flags of what would be sent, the gravest first."""
    sent = sendable(answers)
    responsible = first(sent, "who") == "responsible" or first(sent, "side") in ("responsible", "unsure")
    found = {
        Flag.UNDER_18: first(sent, "age") == "under_18",
        Flag.NO_ADULT: first(sent, "adult") == "none",
        Flag.AGE_UNSURE: first(sent, "age") == "unsure",
        Flag.HARM_AT_HOME_OR_SEXUAL: responsible and first(sent, "harm") in ("home", "sexual"),
        Flag.COURT_ORDER_OR_WORRY: first(sent, "worry") in ("yes", "unsure"),
        Flag.COURT_RUNNING: first(sent, "stage") == "court",
    }
    return tuple(flag for flag, applies in found.items() if applies)
