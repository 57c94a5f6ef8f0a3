"""The journey through the form, as pure functions of the answers: no request, no store, no clock."""

from form_service.referral.journey.answers import (
    Answers,
    applies,
    digest,
    first,
    questions_for,
    route_of,
    sendable,
)
from form_service.referral.journey.draft import Draft, Sent, merge
from form_service.referral.journey.flags import Flag, flags_of
from form_service.referral.journey.form import question_form
from form_service.referral.journey.steps import CHECK, PAUSE, is_complete, next_slug, previous_slug, steps

__all__ = [
    "CHECK",
    "PAUSE",
    "Answers",
    "Draft",
    "Flag",
    "Sent",
    "applies",
    "digest",
    "first",
    "flags_of",
    "is_complete",
    "merge",
    "next_slug",
    "previous_slug",
    "question_form",
    "questions_for",
    "route_of",
    "sendable",
    "steps",
]
