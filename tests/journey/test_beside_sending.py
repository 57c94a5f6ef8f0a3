"""What other tabs do in the moment between pressing Send and being stored."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from form_service.seal import Seal
from tests.journey.person import AS_OUR_PAGE, Person, mails

Elsewhere = Callable[[Callable[[Person], object]], None]


@pytest.fixture
def meanwhile(person: Person, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Have another tab of the same browser do something while the first one's referral is being sealed."""

    def arrange(act: Callable[[Person], object]) -> None:
        seal, done = Seal.mail, list[bool]()

        def sealing(self: Seal, message: object) -> object:
            if not done:
                done.append(True)
                other = Person(app)
                cookie = person.client.get_cookie("draft", path="/referral/")
                assert cookie is not None
                other.client.set_cookie("draft", cookie.value, path="/referral/")
                with ThreadPoolExecutor(1) as elsewhere:  # in this thread it would share this request's memory
                    elsewhere.submit(act, other).result()
            return seal(self, message)  # type: ignore[arg-type]

        monkeypatch.setattr(Seal, "mail", sealing)

    return arrange


def draft_lives(app: Flask) -> list[float]:
    """For how many hours the drafts in the store live on."""
    with app.extensions["front_door"].store.database.engine.connect() as connection:
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
    assert "The answers have changed since that page was shown" in person.text
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
