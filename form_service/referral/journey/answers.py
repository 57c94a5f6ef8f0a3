"""What is asked of whom, what is wrong with an answer, and what is sent."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from form_service.config.settings import ADDRESS
from form_service.referral.journey.text import has_unusable, is_blank
from form_service.referral.questions import BY_NAME, COPY_TO, QUESTIONS, Kind, Page, Question, Route, Words
from form_service.referral.questions.model import N_

# The typed or picked values under the question's name; a blank answer is an empty list or none at all.
Answers = Mapping[str, Sequence[str]]

PICKED = frozenset({Kind.RADIOS, Kind.CHECKBOXES, Kind.AGREE})
LOOKS_LIKE_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
TOO_LONG = Words(N_("{called} must be {longest} characters or fewer. It is {typed} now"))
UNUSABLE = Words(N_("{called} has a character that we cannot use. Delete it, or type the answer again"))
THE_ANSWER = Words(N_("The answer"))


@dataclass(frozen=True)
class Problem:
    """Why an answer cannot be taken, in words for the person; `called` and `numbers` fill its braces."""

    question: Question
    words: Words
    called: Words = THE_ANSWER
    numbers: Mapping[str, int] = field(default_factory=dict)


def first(answers: Answers, name: str) -> str:
    """The answer to a question that has one value; blank is ""."""
    values = answers.get(name) or ()
    return values[0] if values else ""


def route_of(answers: Answers) -> Route | None:
    """Who is writing, or None before question 1 is answered."""
    value = first(answers, "who")
    return Route(value) if value in set(Route) else None


def is_asked_of(question: Question, route: Route | None) -> bool:
    """Question 1 is asked of everybody; every other only of the routes in the table."""
    return question.name == "who" or (route is not None and route in question.asked_of)


def questions_for(page: Page, answers: Answers) -> tuple[Question, ...]:
    """The questions that `page` shows on this route, those under a choice included."""
    route = route_of(answers)
    return tuple(question for question in page.questions if is_asked_of(question, route))


def applies(question: Question, answers: Answers) -> bool:
    """Whether the question counts: it is asked on this route, and the choice it hangs on is picked."""
    if not is_asked_of(question, route_of(answers)):
        return False
    if question.when is None:
        return True
    return question.when.value in answers.get(question.when.question, ()) and applies(
        BY_NAME[question.when.question], answers
    )


def is_required(question: Question, answers: Answers) -> bool:
    """Whether this answer may not be left blank on this route."""
    route = route_of(answers)
    return question.name == "who" or (route is not None and route in question.required_of)


def problem_with(question: Question, answers: Answers) -> Problem | None:
    """What is wrong with the answer as it stands, or None; nothing is wrong with one that does not apply."""
    if not applies(question, answers):
        return None
    values = answers.get(question.name) or ()
    if question.kind in PICKED:
        missing = not values
        return Problem(question, question.error or THE_ANSWER) if missing and is_required(question, answers) else None
    return problem_with_text(question, values[0] if values else "", is_required(question, answers))


def problem_with_text(question: Question, text: str, required: bool) -> Problem | None:
    """What is wrong with a typed answer, or None."""
    error, called = question.error or THE_ANSWER, question.called or THE_ANSWER
    if is_blank(text):
        return Problem(question, error) if required else None
    if has_unusable(text, lines=question.kind is Kind.TEXTAREA):
        return Problem(question, UNUSABLE, called)
    if len(text) > question.longest:
        return Problem(question, TOO_LONG, called, {"longest": question.longest, "typed": len(text)})
    if question.kind is Kind.EMAIL and not LOOKS_LIKE_EMAIL.fullmatch(text.strip()):
        return Problem(question, error)
    return None


def problem_with_copy(answers: Answers) -> Problem | None:
    """What is wrong with the address for the neutral copy, or None; blank asks for no copy."""
    address = first(answers, COPY_TO.name).strip()
    # Narrower than elsewhere, because this one goes into the header of a mail; "=?" begins an encoded word, which mail
    # programs may read as another address.
    is_safe = len(address) <= COPY_TO.longest and ADDRESS.fullmatch(address) and "=?" not in address
    if address and not is_safe:
        return Problem(COPY_TO, COPY_TO.error or THE_ANSWER)
    return None


def problems_on(page: Page, answers: Answers) -> tuple[Problem, ...]:
    """Every problem of the page's questions that apply, in their order on the page."""
    found = (problem_with(question, answers) for question in page.questions)
    return tuple(problem for problem in found if problem is not None)


def sendable(answers: Answers) -> dict[str, list[str]]:
    """Exactly the answers that apply, in the order of the questions; a blank safety answer is its careful meaning."""
    found: dict[str, list[str]] = {}
    for question in QUESTIONS:
        if applies(question, answers):
            values = [value for value in answers.get(question.name) or () if not is_blank(value)]
            found[question.name] = values or ([question.blank_means] if question.blank_means else [])
    return found


def digest(answers: Answers) -> str:
    """A fingerprint of what the check page shows: two tabs that show the same have the same."""
    shown = sendable(answers)
    shown.pop("agreement", None)
    return hashlib.sha256(json.dumps(shown, ensure_ascii=True).encode()).hexdigest()
