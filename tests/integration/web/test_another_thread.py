"""Writers share one transaction, so a change of a draft may run in the thread of somebody else's request."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from form_service.store import Store
from tests.support.person import Person, mails
from tests.support.team_email import body_of

Change = Callable[[bytes | None], bytes | None]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every change of a draft in a thread that has no request."""
    change_draft = Store.change_draft

    def in_another_thread(self: Store, draft_id: str, change: Change, lives: timedelta) -> None:
        failed: list[BaseException] = []

        def run() -> None:
            try:
                change_draft(self, draft_id, change, lives)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]

    monkeypatch.setattr(Store, "change_draft", in_another_thread)


@pytest.mark.parametrize("route", ["harmed", "professional"])
def test_a_referral_is_sent_whoever_leads_the_commit(person: Person, app: Flask, route: str) -> None:
    person.walk(route)
    person.send()
    assert person.at == "/referral/done", person.text
    assert len(mails(app)) == 1


def test_a_second_press_of_send_is_taken_in_whoever_leads(person: Person, app: Flask) -> None:
    person.walk("harmed")
    again = person.sending(copy_to="sam@example.org")
    person.send()
    person.post("/referral/check", again)
    assert person.at == "/referral/done"
    assert len(mails(app)) == 1


def test_what_makes_a_request_doubtful_is_that_request_s_own(person: Person, app: Flask) -> None:
    person.walk("harmed")
    fields = person.sending(website="https://example.org/")
    person.post("/referral/check", fields)
    (mail,) = mails(app)
    assert "a box was filled in that people do not see" in " ".join(body_of(mail).split())
