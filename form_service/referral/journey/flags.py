"""The flags that alert the team to risks, at the top of the referral's email. No flag stops a referral."""

from enum import StrEnum

from form_service.referral.journey.answers import Answers, answers_to_send, first_value


class Flag(StrEnum):
    """A risk that the email to the team points out at the top."""

    UNDER_18 = "under_18"
    NO_ADULT = "no_adult"
    AGE_UNSURE = "age_unsure"
    DOMESTIC_ABUSE_HARMED = "domestic_abuse_harmed"
    DOMESTIC_ABUSE_RESPONSIBLE = "domestic_abuse_responsible"
    SEXUAL_ABUSE_HARMED = "sexual_abuse_harmed"
    SEXUAL_ABUSE_RESPONSIBLE = "sexual_abuse_responsible"
    COURT_ORDER_OR_WORRY = "court_order_or_worry"
    COURT_CASE_UNDER_WAY = "court_running"
    RESPONSIBILITY_NOT_ACCEPTED = "no_responsibility"


def flags_of(answers: Answers) -> tuple[Flag, ...]:
    """Return the flags that the answers raise, the most urgent first.

    If it is unclear whether the person was harmed or caused harm, a kind of abuse raises both of its flags.
    """
    sent_answers = answers_to_send(answers)
    side = first_value(sent_answers, "side") or first_value(sent_answers, "who")
    is_harmed, is_responsible = side in ("harmed", "unsure"), side in ("responsible", "unsure")
    harm = first_value(sent_answers, "harm")
    is_domestic, is_sexual = harm in ("home", "home_sexual"), harm in ("sexual", "home_sexual")
    is_raised_by_flag = {
        Flag.UNDER_18: first_value(sent_answers, "age") == "under_18",
        Flag.NO_ADULT: first_value(sent_answers, "adult") == "none",
        Flag.AGE_UNSURE: first_value(sent_answers, "age") == "unsure",
        Flag.DOMESTIC_ABUSE_HARMED: is_domestic and is_harmed,
        Flag.DOMESTIC_ABUSE_RESPONSIBLE: is_domestic and is_responsible,
        Flag.SEXUAL_ABUSE_HARMED: is_sexual and is_harmed,
        Flag.SEXUAL_ABUSE_RESPONSIBLE: is_sexual and is_responsible,
        Flag.COURT_ORDER_OR_WORRY: first_value(sent_answers, "worry") in ("yes", "unsure"),
        Flag.COURT_CASE_UNDER_WAY: first_value(sent_answers, "stage") == "court",
        Flag.RESPONSIBILITY_NOT_ACCEPTED: first_value(sent_answers, "accepts") == "no",
    }
    return tuple(flag for flag, is_raised in is_raised_by_flag.items() if is_raised)
