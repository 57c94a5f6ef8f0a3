"""The questions of the referral, as data."""

from form_service.referral.questions.model import Choice, Condition, Kind, Page, Question, Route, Words
from form_service.referral.questions.pages import BY_NAME, BY_SLUG, PAGES, QUESTIONS
from form_service.referral.questions.referrer import COPY_TO

__all__ = [
    "BY_NAME",
    "BY_SLUG",
    "COPY_TO",
    "PAGES",
    "QUESTIONS",
    "Choice",
    "Condition",
    "Kind",
    "Page",
    "Question",
    "Route",
    "Words",
]
