"""A draft that another request has changed is not sent, and a wiped draft is not restored."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.store.drafts import SentDraft
from form_service.store.errors import DraftChanged
from tests.support.form_client import FormClient
from tests.support.service_parts import HOUR, Clock, ServiceParts, settings_of

DRAFT_ID = "d" * 32


def sent_draft(original: bytes = b"read") -> SentDraft:
    return SentDraft(DRAFT_ID, original, b"sent", HOUR)


def test_sending_does_not_restore_a_draft_that_was_wiped_meanwhile(parts: ServiceParts) -> None:
    parts.store.drafts.change(DRAFT_ID, lambda _: b"read", HOUR)
    parts.store.drafts.wipe(DRAFT_ID)
    assert parts.store.referrals.accept(parts.referral(), sent_draft()).is_new
    assert parts.store.drafts.read(DRAFT_ID) is None
    assert parts.store.reports.outbox_state().waiting_count == 1


def test_a_draft_that_another_tab_changed_is_not_sent(parts: ServiceParts) -> None:
    parts.store.drafts.change(DRAFT_ID, lambda _: b"changed", HOUR)
    with pytest.raises(DraftChanged):
        parts.store.referrals.accept(parts.referral(), sent_draft())
    assert parts.store.drafts.read(DRAFT_ID) == b"changed"
    assert parts.store.reports.outbox_state().waiting_count == 0


def test_a_second_click_on_send_gets_the_reference_of_the_first(parts: ServiceParts) -> None:
    parts.store.drafts.change(DRAFT_ID, lambda _: b"read", HOUR)
    first_acceptance = parts.store.referrals.accept(parts.referral(submission_id="5" * 32), sent_draft())
    second_acceptance = parts.store.referrals.accept(parts.referral(submission_id="5" * 32), sent_draft())
    assert (second_acceptance.reference, second_acceptance.is_new) == (first_acceptance.reference, False)
    assert parts.store.reports.outbox_state().waiting_count == 1


@pytest.mark.parametrize("is_wiped", [False, True])
def test_sending_and_wiping_wait_for_a_change_in_progress(parts: ServiceParts, is_wiped: bool) -> None:
    parts.store.drafts.change(DRAFT_ID, lambda _: b"read", HOUR)
    change_started, change_may_finish, errors = threading.Event(), threading.Event(), list[BaseException]()

    def change_slowly(_: bytes | None) -> bytes:
        change_started.set()
        change_may_finish.wait(4)
        return b"changed"

    def wipe_or_send() -> None:
        try:
            if is_wiped:
                parts.store.drafts.wipe(DRAFT_ID)
            else:
                parts.store.referrals.accept(parts.referral(), sent_draft())
        except DraftChanged as error:
            errors.append(error)

    changing_thread = threading.Thread(target=parts.store.drafts.change, args=(DRAFT_ID, change_slowly, HOUR))
    other_thread = threading.Thread(target=wipe_or_send)
    changing_thread.start()
    change_started.wait(10)
    other_thread.start()
    other_thread.join(0.3)
    change_may_finish.set()
    changing_thread.join()
    other_thread.join()
    assert parts.store.drafts.read(DRAFT_ID) == (None if is_wiped else b"changed")
    assert len(errors) == (0 if is_wiped else 1)


def test_the_lifetime_of_a_draft_can_be_chosen_after_the_draft_has_changed(parts: ServiceParts, clock: Clock) -> None:
    stored_drafts = list[bytes]()

    def mark_sent(_: bytes | None) -> bytes:
        stored_drafts.append(b"sent")
        return b"sent"

    parts.store.drafts.change(DRAFT_ID, mark_sent, lambda: timedelta(minutes=1) if stored_drafts else timedelta(days=1))
    clock.advance(61)
    assert parts.store.drafts.read(DRAFT_ID) is None


def test_a_draft_keeps_a_very_long_text_in_every_database(database_url: str, tmp_path: Path) -> None:
    text = "Never ring. " * (250_000 // 12)
    settings = settings_of(tmp_path, FORM_DATABASE_URL=database_url)
    app, second_app = create_app(settings), create_app(settings)
    try:
        form_client, second_form_client = FormClient(app).fill_in("harmed", until="times"), FormClient(second_app)
        form_client.answer("times", {"must_not": text})
        cookie = form_client.flask_client.get_cookie("draft", path="/referral/")
        assert cookie is not None
        second_form_client.flask_client.set_cookie("draft", cookie.value, path="/referral/")
        second_form_client.get("/referral/times")
        assert text in second_form_client.text and "must be 500 characters or fewer" in second_form_client.text
    finally:
        for opened_app in (app, second_app):
            opened_app.extensions["form_service"].store.close()
