"""The questions of the form, defined as data."""

from form_service.referral.questions.model import Choice, Condition, Kind, Page, Question, Route, Words
from form_service.referral.questions.pages import PAGES, PAGES_BY_SLUG, QUESTIONS, QUESTIONS_BY_NAME
from form_service.referral.questions.referrer import COPY_TO

__all__ = [
    "COPY_TO",
    "PAGES",
    "PAGES_BY_SLUG",
    "QUESTIONS",
    "QUESTIONS_BY_NAME",
    "Choice",
    "Condition",
    "Kind",
    "Page",
    "Question",
    "Route",
    "Words",
]
