"""Changes from other tabs after Send was pressed and before the referral is stored."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from form_service.crypto import Sealer
from form_service.web.views.submission import MAX_TRIES
from tests.support.person import AS_OUR_PAGE, Person, mails

Elsewhere = Callable[..., None]
NOT_SENT = "Nothing has been sent, because your answers were being changed on another page or in another tab"


@pytest.fixture
def meanwhile(person: Person, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Return a function that makes another tab of the browser act whenever the first tab's referral is being sealed."""

    def arrange(act: Callable[[Person], object], times: int = 1) -> None:
        seal, done = Sealer.seal_for_team, list[bool]()

        def sealing(self: Sealer, message: object) -> object:
            if len(done) < times:
                done.append(True)
                other = Person(app)
                cookie = person.client.get_cookie("draft", path="/referral/")
                assert cookie is not None
                other.client.set_cookie("draft", cookie.value, path="/referral/")
                with ThreadPoolExecutor(1) as elsewhere:  # in this thread it would share the first request's context
                    elsewhere.submit(act, other).result()
            return seal(self, message)  # type: ignore[arg-type]

        monkeypatch.setattr(Sealer, "seal_for_team", sealing)

    return arrange


def draft_lives(app: Flask) -> list[float]:
    """Return the hours until each draft in the store expires."""
    with app.extensions["form_service"].store.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT lives_until FROM draft")).all()
    return [round((row[0] - time.time()) / 3600, 1) for row in rows]


def test_leaving_while_it_is_sent_brings_no_draft_back(person: Person, app: Flask, meanwhile: Elsewhere) -> None:
    person.walk("harmed")
    meanwhile(lambda other: other.client.get("/referral/exit", headers=AS_OUR_PAGE))
    person.send()
    assert len(mails(app)) == 1
    assert draft_lives(app) == []


def test_a_change_while_it_is_sent_is_shown_before_anything_is_sent(
    person: Person, app: Flask, meanwhile: Elsewhere
) -> None:
    person.walk("harmed")
    meanwhile(lambda other: other.answer("times", {"must_not": "Never ring before noon"}))
    person.send()
    assert person.at == "/referral/check"
    assert NOT_SENT in person.text
    assert "Never ring before noon" in person.text
    assert mails(app) == []
    person.send()
    assert person.at == "/referral/done"
    assert len(mails(app)) == 1 and draft_lives(app) == [1.0]


def test_a_draft_that_another_tab_sent_lives_no_longer_for_a_late_page(
    person: Person, app: Flask, meanwhile: Elsewhere
) -> None:
    person.walk("harmed")
    fields = person.sending()
    meanwhile(lambda other: other.client.post("/referral/check", data=fields, headers=AS_OUR_PAGE))
    person.post("/referral/check", fields)
    assert person.at == "/referral/done"
    assert "Your change was not added" not in person.text
    assert len(mails(app)) == 1 and draft_lives(app) == [1.0]


def hidden_words(other: Person) -> object:
    """Change an answer that does not apply: the draft changes, although no page shows a difference."""
    return other.answer("background", {"police": "no", "crime_reference": uuid.uuid4().hex})


def test_a_person_interrupted_in_every_try_reads_that_nothing_was_sent(
    person: Person, app: Flask, meanwhile: Elsewhere
) -> None:
    person.walk("harmed")
    meanwhile(hidden_words, times=MAX_TRIES)
    person.send(copy_to="sam@example.org")
    assert person.at == "/referral/check"
    summary = person.text.partition('id="error-summary"')[2].partition("</div>")[0]
    assert NOT_SENT in summary and "Please check them, then send again" in summary
    assert person.text.split("<title>")[1].startswith("Error: ")
    assert mails(app) == []
    assert 'name="agreement" value="yes" checked' in person.text, "nothing shown was changed: the tick stands"
    assert 'value="sam@example.org"' in person.text
    person.send(copy_to="sam@example.org")
    assert person.at == "/referral/done"
    assert len(mails(app)) == 2


def test_a_person_interrupted_once_fewer_has_sent(person: Person, app: Flask, meanwhile: Elsewhere) -> None:
    person.walk("harmed")
    meanwhile(hidden_words, times=MAX_TRIES - 1)
    person.send()
    assert person.at == "/referral/done"
    assert len(mails(app)) == 1


@pytest.mark.parametrize(
    ("last", "leads_to"),
    [
        (lambda other: other.answer("reach", {"reach": ["text"]}), "/referral/reach"),
        (lambda other: other.answer("times", {"must_not": "Never ring before noon"}), "/referral/check"),
    ],
    ids=["something is missing", "something else is shown"],
)
def test_the_last_interruption_decides_where_it_leads(
    person: Person, app: Flask, meanwhile: Elsewhere, last: Callable[[Person], object], leads_to: str
) -> None:
    person.walk("harmed")
    tries = iter([hidden_words] * (MAX_TRIES - 1) + [last])
    meanwhile(lambda other: next(tries)(other), times=MAX_TRIES)
    person.send()
    assert person.at == leads_to
    assert mails(app) == []
    if leads_to == "/referral/check":
        assert NOT_SENT in person.text and "Never ring before noon" in person.text
        assert 'name="agreement" value="yes" checked' not in person.text, "the agreement was to what stood there before"
