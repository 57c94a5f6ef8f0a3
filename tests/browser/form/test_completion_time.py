"""How long a self-referral takes, estimated from the real pages: nobody is timed, so published figures are used.

Reading: 238 words a minute, silently (Brysbaert 2019, a mean over adults who read English). Every word that the browser
shows in the page's main part counts: headings, hints, notices, every choice whether picked or not, the person's answers
on the check page. Navigation ("Back", "Change") does not count, nor does text that only appears under a choice that was
not picked. The parts that every page repeats (name, exit, contacts, footer) count once, on the start page.

Acting: the keystroke-level model (Card, Moran & Newell 1983), for a person at a computer who types slowly.

The target is four minutes from Start, for a self-referral with one contact method and no optional text. The longer
walks are those that the other tests take; the start page states their minutes. People who skim are faster; people who
are upset, read slowly or type with a thumb are slower.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from form_service.referral.questions import BY_SLUG
from form_service.referral.questions.model import FOR_ANOTHER, Route
from tests.support.browsing import OpenPage, current_slug, fill, submit_page, tick
from tests.support.person import ANSWERS_BY_ROUTE

pytestmark = pytest.mark.browser
Walk = list[tuple[str, dict[str, Any]]]
WORDS_A_SECOND = 238 / 60
KEY, POINT, HOME, THINK = 0.28, 1.1, 0.4, 1.35
CLICK = POINT + KEY
LOAD = 1.0
# One contact method, and of the optional questions only the time to call and whether the police know.
PLAIN: Walk = [
    ("who", {"who": "harmed"}),
    ("about", {"name": "Sam", "age": "adult"}),
    ("reach", {"reach": ["phone"], "phone_number": "07700 900111"}),
    ("times", {"times": ["morning"]}),
    ("support", {}),
    ("background", {"police": "no"}),
]
PROMISED_MINUTES = {"for yourself": 5, "for someone else": 7}  # minutes, as stated on the start page


@dataclass(frozen=True)
class Step:
    """One page: the number of words on it, and the seconds that a person spends acting."""

    name: str
    words: int
    doing: float

    @property
    def seconds(self) -> float:
        return self.words / WORDS_A_SECOND + self.doing


def words_in(page: Page, part: str) -> int:
    """Return how many words the browser shows in this part, without navigation and text for screen readers only."""

    def count(selector: str) -> int:
        return sum(len(text.split()) for text in page.locator(selector).all_inner_texts())

    return count(part) - count(f":is({part}) :is(.back,.summary-list a,.unseen:not(a *))")


def typing(text: str) -> float:
    """Return the seconds for clicking into a box, typing (two keys for a capital) and returning to the mouse."""
    shifted = sum(letter.isupper() or letter in '@:?!"' for letter in text)
    return CLICK + HOME + (len(text) + shifted) * KEY + HOME


def answering(slug: str, fields: dict[str, Any], route: Route) -> float:
    """Return the seconds for deciding on every question, blank ones too, and for entering the answers."""
    questions = [question for question in BY_SLUG[slug].questions if route in question.asked_of]
    decided = [
        question
        for question in questions
        if question.when is None or question.when.value in fields.get(question.when.question, ())
    ]
    seconds = len(decided) * THINK
    for question in decided:
        given = fields.get(question.name, [])
        values = given if isinstance(given, list) else [given]
        seconds += sum(CLICK if question.choices else typing(value) for value in values)
    return seconds


def going_on() -> float:
    """Return the seconds for deciding that the page is done, pressing its button and waiting for the next page."""
    return THINK + CLICK + LOAD


def steps_of(page: Page, walk: Walk) -> Iterator[Step]:
    """Walk the form; yield the steps from the start page to the confirmation."""
    route = Route(walk[0][1]["who"])
    yield Step("before", words_in(page, "main") + words_in(page, "header,footer,.bar"), LOAD + going_on())
    submit_page(page)
    for slug, fields in walk:
        assert current_slug(page) == slug
        fill(page, fields)
        yield Step(slug, words_in(page, "main .text"), answering(slug, fields, route) + going_on())
        submit_page(page)
    yield Step("check", words_in(page, "main .text"), 2 * THINK + CLICK + going_on())
    tick(page, "agreement", "yes")
    submit_page(page)
    assert current_slug(page) == "done"


def reckoned(page: Page, walk: Walk, capsys: pytest.CaptureFixture[str]) -> float:
    """Return the seconds from Start to the confirmation; print each page's share."""
    steps = list(steps_of(page, walk))
    seconds = sum(step.seconds for step in steps[1:])
    with capsys.disabled():
        print()
        for step in steps:
            print(f"{step.name:12}{step.words:5} words {step.seconds:6.1f} s, {step.doing:5.1f} of it doing")
        print(
            f"from Start to the confirmation {seconds:.0f} s; with the page before {seconds + steps[0].seconds:.0f} s"
        )
    return seconds


def test_a_plain_self_referral_takes_less_than_four_minutes(
    open_form: OpenPage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reckoned(open_form(), PLAIN, capsys) < 4 * 60


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_nobody_needs_longer_than_they_are_told(
    open_form: OpenPage, route: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_form()
    lede = page.locator("main .lede").inner_text()
    yourself, someone_else = PROMISED_MINUTES["for yourself"], PROMISED_MINUTES["for someone else"]
    assert f"about {yourself} minutes if you are asking for yourself, or {someone_else} minutes" in lede
    about = "for yourself" if Route(route) not in FOR_ANOTHER else "for someone else"
    assert reckoned(page, ANSWERS_BY_ROUTE[route], capsys) < PROMISED_MINUTES[about] * 60


def test_the_page_for_professionals_tells_the_same_minutes(root: Path) -> None:
    assert (
        f"about {PROMISED_MINUTES['for someone else']} minutes" in (root / "docs" / "for-professionals.md").read_text()
    )
