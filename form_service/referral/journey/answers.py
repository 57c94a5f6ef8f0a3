"""The rules about answers: which questions are asked, which must be answered, and which answers are sent."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from form_service.referral.journey.text import is_blank
from form_service.referral.questions import QUESTIONS, QUESTIONS_BY_NAME, Kind, Page, Question, Route
from form_service.referral.questions.model import EVERYONE

# The values typed or chosen, by question name. A blank answer is an empty list or missing.
Answers = Mapping[str, Sequence[str]]

# The checkboxes on the check page with which a person agrees to the answers shown there.
AGREEMENT_NAMES = tuple(question.name for question in QUESTIONS if question.kind is Kind.AGREE)


def first_value(answers: Answers, name: str) -> str:
    """Return the first value of an answer, or "" if the answer is blank. Only checkboxes give several values."""
    values = answers.get(name) or ()
    return values[0] if values else ""


def route_of(answers: Answers) -> Route | None:
    """Return the route, which says who is filling in the form, or None before question 1 is answered."""
    value = first_value(answers, "who")
    return Route(value) if value in EVERYONE else None


def is_asked_of(question: Question, route: Route | None) -> bool:
    """Return whether the question is for people with this answer to question 1."""
    return question.name == "who" or (route is not None and route in question.asked_of)


def questions_for(page: Page, answers: Answers) -> tuple[Question, ...]:
    """Return the questions of `page` for these answers, including those that only a choice reveals."""
    route = route_of(answers)
    return tuple(
        question for question in page.questions if is_asked_of(question, route) and not is_ruled_out(question, answers)
    )


def is_ruled_out(question: Question, answers: Answers) -> bool:
    """Return whether another answer makes the question pointless."""
    return question.unless is not None and question.unless.value in answers.get(question.unless.question_name, ())


def applies(question: Question, answers: Answers) -> bool:
    """Return whether the form asks this question of a person who has given these answers."""
    if not is_asked_of(question, route_of(answers)) or is_ruled_out(question, answers):
        return False
    if question.when is None:
        return True
    return question.when.value in answers.get(question.when.question_name, ()) and applies(
        QUESTIONS_BY_NAME[question.when.question_name], answers
    )


def is_required(question: Question, answers: Answers) -> bool:
    """Return whether the person filling in the form must answer the question."""
    route = route_of(answers)
    return question.name == "who" or (route is not None and route in question.required_of)


def answers_to_send(answers: Answers) -> dict[str, list[str]]:
    """Return the answers to the questions that apply, in question order.

    A blank answer is replaced by the question's `blank_means`, if it has one.
    """
    applicable_answers: dict[str, list[str]] = {}
    for question in QUESTIONS:
        if applies(question, answers):
            values = [value for value in answers.get(question.name) or () if not is_blank(value)]
            applicable_answers[question.name] = values or ([question.blank_means] if question.blank_means else [])
    return applicable_answers


def digest(answers: Answers) -> str:
    """Return a hash of the answers that would be sent, to detect changes made in another tab.

    The agreement is left out, because it is given on the check page itself.
    """
    hashed_answers = answers_to_send(answers)
    for name in AGREEMENT_NAMES:
        hashed_answers.pop(name, None)
    return hashlib.sha256(json.dumps(hashed_answers, ensure_ascii=True).encode()).hexdigest()
