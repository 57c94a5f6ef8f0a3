"""If another tab changes the draft while the form is being sent, no answer is lost and no unseen answer is sent."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from form_service.crypto import Sealer
from form_service.web.views.submission import MAX_SEND_TRIES
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient, claim_emails

InterruptSealing = Callable[..., None]
NOT_SENT_TEXT = "Nothing has been sent, because your answers were being changed on another page or in another tab"


@pytest.fixture
def interrupt_sealing(form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> InterruptSealing:
    """Return a function that makes an action run in another tab just before a referral is encrypted.

    The function takes the action and `count`. The action runs before each of the first `count` encryptions.
    """

    def interrupt_sealing_with(action: Callable[[FormClient], object], count: int = 1) -> None:
        original_seal, interruptions = Sealer.seal_for_team, list[bool]()

        def seal_after_interruption(self: Sealer, message: object) -> object:
            if len(interruptions) < count:
                interruptions.append(True)
                other_tab = FormClient(app)
                cookie = form_client.flask_client.get_cookie("draft", path="/referral/")
                assert cookie is not None
                other_tab.flask_client.set_cookie("draft", cookie.value, path="/referral/")
                with ThreadPoolExecutor(1) as executor:  # the request contexts must be separate
                    executor.submit(action, other_tab).result()
            return original_seal(self, message)  # type: ignore[arg-type]

        monkeypatch.setattr(Sealer, "seal_for_team", seal_after_interruption)

    return interrupt_sealing_with


def draft_hours_left(app: Flask) -> list[float]:
    """Return, for each draft in the store, the hours until it expires, rounded to one decimal place."""
    with app.extensions["form_service"].store.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT lives_until FROM draft")).all()
    return [round((row[0] - time.time()) / 3600, 1) for row in rows]


def test_leaving_during_sending_does_not_bring_the_draft_back(
    form_client: FormClient, app: Flask, interrupt_sealing: InterruptSealing
) -> None:
    form_client.fill_in("harmed")
    interrupt_sealing(lambda other_tab: other_tab.flask_client.get("/referral/exit", headers=SAME_ORIGIN_HEADERS))
    form_client.send()
    assert len(claim_emails(app)) == 1
    assert draft_hours_left(app) == []


def test_a_change_during_sending_is_shown_before_anything_is_sent(
    form_client: FormClient, app: Flask, interrupt_sealing: InterruptSealing
) -> None:
    form_client.fill_in("harmed")
    interrupt_sealing(lambda other_tab: other_tab.answer("times", {"must_not": "Never ring before noon"}))
    form_client.send()
    assert form_client.path == "/referral/check"
    assert NOT_SENT_TEXT in form_client.text
    assert "Never ring before noon" in form_client.text
    assert claim_emails(app) == []
    form_client.send()
    assert form_client.path == "/referral/done"
    assert len(claim_emails(app)) == 1 and draft_hours_left(app) == [1.0]


def test_a_late_click_in_another_tab_does_not_prolong_a_sent_draft(
    form_client: FormClient, app: Flask, interrupt_sealing: InterruptSealing
) -> None:
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()
    interrupt_sealing(
        lambda other_tab: other_tab.flask_client.post("/referral/check", data=fields, headers=SAME_ORIGIN_HEADERS)
    )
    form_client.post("/referral/check", fields)
    assert form_client.path == "/referral/done"
    assert "Your change was not added" not in form_client.text
    assert len(claim_emails(app)) == 1 and draft_hours_left(app) == [1.0]


def change_unshown_answer(other_tab: FormClient) -> object:
    """Change a stored answer that is neither shown nor sent."""
    return other_tab.answer("background", {"police": "no", "crime_reference": uuid.uuid4().hex})


def test_after_five_interruptions_the_page_says_that_nothing_was_sent(
    form_client: FormClient, app: Flask, interrupt_sealing: InterruptSealing
) -> None:
    form_client.fill_in("harmed")
    interrupt_sealing(change_unshown_answer, count=MAX_SEND_TRIES)
    form_client.send(copy_to="sam@example.org")
    assert form_client.path == "/referral/check"
    error_summary = form_client.text.partition('id="error-summary"')[2].partition("</div>")[0]
    assert NOT_SENT_TEXT in error_summary and "Please check them, then send them" in error_summary
    assert form_client.text.split("<title>")[1].startswith("Error: ")
    assert claim_emails(app) == []
    assert 'name="agreement" value="yes" checked' in form_client.text, (
        "no shown answer changed, so the agreement stays ticked"
    )
    assert 'value="sam@example.org"' in form_client.text
    form_client.send(copy_to="sam@example.org")
    assert form_client.path == "/referral/done"
    assert len(claim_emails(app)) == 2


def test_after_four_interruptions_the_referral_is_sent(
    form_client: FormClient, app: Flask, interrupt_sealing: InterruptSealing
) -> None:
    form_client.fill_in("harmed")
    interrupt_sealing(change_unshown_answer, count=MAX_SEND_TRIES - 1)
    form_client.send()
    assert form_client.path == "/referral/done"
    assert len(claim_emails(app)) == 1


@pytest.mark.parametrize(
    ("last_action", "expected_path"),
    [
        (lambda other_tab: other_tab.answer("reach", {"reach": ["text"]}), "/referral/reach"),
        (lambda other_tab: other_tab.answer("times", {"must_not": "Never ring before noon"}), "/referral/check"),
    ],
    ids=["something is missing", "something else is shown"],
)
def test_after_the_last_interruption_the_page_with_the_change_is_shown(
    form_client: FormClient,
    app: Flask,
    interrupt_sealing: InterruptSealing,
    last_action: Callable[[FormClient], object],
    expected_path: str,
) -> None:
    form_client.fill_in("harmed")
    actions = iter([change_unshown_answer] * (MAX_SEND_TRIES - 1) + [last_action])
    interrupt_sealing(lambda other_tab: next(actions)(other_tab), count=MAX_SEND_TRIES)
    form_client.send()
    assert form_client.path == expected_path
    assert claim_emails(app) == []
    if expected_path == "/referral/check":
        assert NOT_SENT_TEXT in form_client.text and "Never ring before noon" in form_client.text
        assert 'name="agreement" value="yes" checked' not in form_client.text, (
            "the agreement was to the answers shown before"
        )
