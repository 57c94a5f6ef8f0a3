"""The questions of the referral, as data."""

from form_service.questions.kinds import Choice, Condition, Kind, Page, Question, Route, Words
from form_service.questions.pages import BY_NAME, BY_SLUG, PAGES, QUESTIONS

__all__ = [
    "BY_NAME",
    "BY_SLUG",
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
