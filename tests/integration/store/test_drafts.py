"""A draft that another request changes or deletes while its referral is being sent."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.store.drafts import SentDraft
from form_service.store.errors import DraftChanged
from tests.support.person import Person
from tests.support.service_parts import HOUR, Clock, ServiceParts, settings_of

NAME = "d" * 32


def sent(composed_from: bytes = b"read") -> SentDraft:
    return SentDraft(NAME, composed_from, b"sent", HOUR)


def test_a_draft_that_was_wiped_meanwhile_stays_wiped(parts: ServiceParts) -> None:
    parts.store.drafts.change(NAME, lambda _: b"read", HOUR)
    parts.store.drafts.wipe(NAME)
    assert parts.store.referrals.accept(parts.referral(), sent()).is_new
    assert parts.store.drafts.read(NAME) is None
    assert parts.store.reports.outbox_state().waiting == 1


def test_a_draft_that_another_tab_changed_is_not_accepted(parts: ServiceParts) -> None:
    parts.store.drafts.change(NAME, lambda _: b"changed", HOUR)
    with pytest.raises(DraftChanged):
        parts.store.referrals.accept(parts.referral(), sent())
    assert parts.store.drafts.read(NAME) == b"changed"
    assert parts.store.reports.outbox_state().waiting == 0


def test_a_second_click_answers_with_the_first_reference_though_the_draft_has_changed(parts: ServiceParts) -> None:
    parts.store.drafts.change(NAME, lambda _: b"read", HOUR)
    first = parts.store.referrals.accept(parts.referral(submission="5" * 32), sent())
    again = parts.store.referrals.accept(parts.referral(submission="5" * 32), sent())
    assert (again.reference, again.is_new) == (first.reference, False)
    assert parts.store.reports.outbox_state().waiting == 1


@pytest.mark.parametrize("wiped", [False, True])
def test_a_change_under_way_is_waited_for(parts: ServiceParts, wiped: bool) -> None:
    parts.store.drafts.change(NAME, lambda _: b"read", HOUR)
    inside, go_on, raised = threading.Event(), threading.Event(), list[BaseException]()

    def slowly(_: bytes | None) -> bytes:
        inside.set()
        go_on.wait(4)
        return b"changed"

    def beside() -> None:
        try:
            if wiped:
                parts.store.drafts.wipe(NAME)
            else:
                parts.store.referrals.accept(parts.referral(), sent())
        except DraftChanged as error:
            raised.append(error)

    changing = threading.Thread(target=parts.store.drafts.change, args=(NAME, slowly, HOUR))
    other = threading.Thread(target=beside)
    changing.start()
    inside.wait(10)
    other.start()
    other.join(0.3)
    go_on.set()
    changing.join()
    other.join()
    assert parts.store.drafts.read(NAME) == (None if wiped else b"changed")
    assert len(raised) == (0 if wiped else 1)


def test_how_long_a_draft_lives_may_depend_on_what_it_became(parts: ServiceParts, clock: Clock) -> None:
    stored = list[bytes]()

    def change(_: bytes | None) -> bytes:
        stored.append(b"sent")
        return b"sent"

    parts.store.drafts.change(NAME, change, lambda: timedelta(minutes=1) if stored else timedelta(days=1))
    clock.advance(61)
    assert parts.store.drafts.read(NAME) is None


def test_the_largest_page_that_is_taken_is_kept_whatever_the_store(database_url: str, tmp_path: Path) -> None:
    text = "Never ring. " * (250_000 // 12)
    settings = settings_of(tmp_path, FORM_DATABASE_URL=database_url)
    app, again = create_app(settings), create_app(settings)
    try:
        person, other = Person(app).walk("harmed", until="times"), Person(again)
        person.answer("times", {"must_not": text})
        cookie = person.client.get_cookie("draft", path="/referral/")
        assert cookie is not None
        other.client.set_cookie("draft", cookie.value, path="/referral/")
        other.get("/referral/times")
        assert text in other.text and "must be 500 characters or fewer" in other.text
    finally:
        for item in (app, again):
            item.extensions["form_service"].store.close()
