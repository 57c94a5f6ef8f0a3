"""Tests that the form takes no longer than the start page says.

Nobody is timed: the seconds are estimated from published speeds of reading and typing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from form_service.referral.questions import PAGES_BY_SLUG
from form_service.referral.questions.model import REFERRERS, Route
from tests.support.browsing import PageOpener, current_slug, fill_fields, submit_page, tick
from tests.support.form_client import ANSWERS_BY_ROUTE

pytestmark = pytest.mark.browser
PageAnswers = list[tuple[str, dict[str, Any]]]
# Silent reading (Brysbaert 2019, a mean over adults who read English). Every word in the page's main part counts, with
# all choices. The parts that every page repeats (name, exit, contacts, footer) count once, on the start page.
WORDS_A_SECOND = 238 / 60
# The keystroke-level model (Card, Moran & Newell 1983), for a person at a computer who types slowly.
# People who are upset, read slowly or type with a thumb are slower; people who skim are faster.
KEY_SECONDS, POINT_SECONDS, HOMING_SECONDS, THINK_SECONDS = 0.28, 1.1, 0.4, 1.35
CLICK_SECONDS = POINT_SECONDS + KEY_SECONDS
LOAD_SECONDS = 1.0
# One contact method, and of the optional questions only the time to call and whether the police know.
SHORT_SELF_REFERRAL_ANSWERS: PageAnswers = [
    ("who", {"who": "harmed"}),
    ("about", {"name": "Sam", "age": "adult"}),
    ("reach", {"reach": ["phone"], "phone_number": "07700 900111"}),
    ("times", {"times": ["morning"]}),
    ("support", {}),
    ("background", {"police": "no"}),
]
PROMISED_MINUTES_BY_AUDIENCE = {"for yourself": 5, "for someone else": 7}  # minutes, as stated on the start page


@dataclass(frozen=True)
class Step:
    """A page of the form, with its word count and the estimated seconds of thinking, clicking and typing."""

    name: str
    word_count: int
    interaction_seconds: float

    @property
    def seconds(self) -> float:
        return self.word_count / WORDS_A_SECOND + self.interaction_seconds


def count_words(page: Page, area_selector: str) -> int:
    """Return the number of visible words in the elements that `area_selector` selects, except in navigation links."""

    def count(selector: str) -> int:
        return sum(len(text.split()) for text in page.locator(selector).all_inner_texts())

    return count(area_selector) - count(f":is({area_selector}) :is(.back,.summary-list a,.unseen:not(a *))")


def typing_seconds(text: str) -> float:
    """Return the estimated seconds to click into a field, type `text` and return to the mouse."""
    # A capital takes two keys.
    shifted_key_count = sum(letter.isupper() or letter in '@:?!"' for letter in text)
    return CLICK_SECONDS + HOMING_SECONDS + (len(text) + shifted_key_count) * KEY_SECONDS + HOMING_SECONDS


def answering_seconds(slug: str, fields: dict[str, Any], route: Route) -> float:
    """Return the estimated seconds to think about each question on a page and enter the answers."""
    questions = [question for question in PAGES_BY_SLUG[slug].questions if route in question.asked_of]
    shown_questions = [
        question
        for question in questions
        if question.when is None or question.when.value in fields.get(question.when.question_name, ())
    ]
    seconds = len(shown_questions) * THINK_SECONDS
    for question in shown_questions:
        answer = fields.get(question.name, [])
        values = answer if isinstance(answer, list) else [answer]
        seconds += sum(CLICK_SECONDS if question.choices else typing_seconds(value) for value in values)
    return seconds


def submitting_seconds() -> float:
    """Return the estimated seconds to check that a page is complete, press its button and wait for the next page."""
    return THINK_SECONDS + CLICK_SECONDS + LOAD_SECONDS


def steps_of(page: Page, page_answers: PageAnswers) -> Iterator[Step]:
    """Fill in and send the form; yield a `Step` for each page, from the start page to the check page."""
    route = Route(page_answers[0][1]["who"])
    yield Step(
        "before",
        count_words(page, "main") + count_words(page, "header,footer,.bar"),
        LOAD_SECONDS + submitting_seconds(),
    )
    submit_page(page)
    for slug, fields in page_answers:
        assert current_slug(page) == slug
        fill_fields(page, fields)
        yield Step(slug, count_words(page, "main .text"), answering_seconds(slug, fields, route) + submitting_seconds())
        submit_page(page)
    yield Step("check", count_words(page, "main .text"), 2 * THINK_SECONDS + CLICK_SECONDS + submitting_seconds())
    tick(page, "agreement", "yes")
    submit_page(page)
    assert current_slug(page) == "done"


def estimated_seconds(page: Page, page_answers: PageAnswers, capsys: pytest.CaptureFixture[str]) -> float:
    """Return the estimated seconds from pressing Start to the confirmation, and print the estimate for each page."""
    steps = list(steps_of(page, page_answers))
    seconds = sum(step.seconds for step in steps[1:])
    with capsys.disabled():
        print()
        for step in steps:
            print(
                f"{step.name:12}{step.word_count:5} words {step.seconds:6.1f} s, "
                f"{step.interaction_seconds:5.1f} of it doing"
            )
        print(
            f"from Start to the confirmation {seconds:.0f} s; with the page before {seconds + steps[0].seconds:.0f} s"
        )
    return seconds


def test_a_short_self_referral_takes_less_than_four_minutes(
    open_form: PageOpener, capsys: pytest.CaptureFixture[str]
) -> None:
    assert estimated_seconds(open_form(), SHORT_SELF_REFERRAL_ANSWERS, capsys) < 4 * 60


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_no_route_takes_longer_than_the_start_page_says(
    open_form: PageOpener, route: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_form()
    introduction = page.locator("main .lede").inner_text()
    self_minutes, other_minutes = (
        PROMISED_MINUTES_BY_AUDIENCE["for yourself"],
        PROMISED_MINUTES_BY_AUDIENCE["for someone else"],
    )
    assert f"about {self_minutes} minutes if you are asking for yourself, or {other_minutes} minutes" in introduction
    audience = "for yourself" if Route(route) not in REFERRERS else "for someone else"
    assert estimated_seconds(page, ANSWERS_BY_ROUTE[route], capsys) < PROMISED_MINUTES_BY_AUDIENCE[audience] * 60


def test_the_page_for_professionals_promises_the_same_minutes_as_the_start_page(root: Path) -> None:
    assert (
        f"about {PROMISED_MINUTES_BY_AUDIENCE['for someone else']} minutes"
        in (root / "docs" / "for-professionals.md").read_text()
    )
