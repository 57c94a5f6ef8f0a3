"""The team confirms receipt of a referral with a button; opening the link in the email confirms nothing."""

import re

import pytest
from flask import Flask

from form_service.store.receipts import Receipts
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient, claim_emails
from tests.support.form_fixtures import MakeApp
from tests.support.page_checks import parse
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import body_of, html_of


def deliver_and_return_receipt_link(app: Flask) -> str:
    (email,) = claim_emails(app, mark_delivered=True)
    body = body_of(email)
    assert "Confirm that you have received this referral:" in body
    match = re.search(r"https://\S+(/referral/received/\S+)", body)
    assert match and match[0] in html_of(email)
    return match[1]


def received_at(app: Flask, reference: str) -> float | None:
    entry = app.extensions["form_service"].store.receipts.entry(reference)
    assert entry is not None
    return entry.received_at  # type: ignore[no-any-return]


@pytest.fixture
def sent_referral(form_client: FormClient, app: Flask) -> tuple[str, str]:
    """Send a referral and deliver it; return its reference and the team's link to confirm receipt."""
    form_client.fill_in("harmed")
    form_client.send()
    return form_client.reference, deliver_and_return_receipt_link(app)


def test_a_mail_scanner_that_opens_the_link_confirms_nothing(app: Flask, sent_referral: tuple[str, str]) -> None:
    reference, link = sent_referral
    client = app.test_client()
    for _ in range(3):
        response = client.get(link, headers={"Accept": "text/html"})
        assert response.status_code == 200 and reference in response.text and client.head(link).status_code == 200
    parse(response.text)
    assert response.text.count("<button") == 1 and "Sam" not in response.text
    assert received_at(app, reference) is None
    assert client.post(link, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    assert received_at(app, reference) is None, "another site's page confirms nothing"


def test_pressing_the_button_confirms_receipt_once_and_says_so(app: Flask, sent_referral: tuple[str, str]) -> None:
    reference, link = sent_referral
    client = app.test_client()
    response = client.post(link, data={"sure": "yes"}, headers=SAME_ORIGIN_HEADERS)
    assert response.status_code == 200 and "This referral has been confirmed" in response.text
    first_received_at = received_at(app, reference)
    assert first_received_at is not None
    client.post(link, data={"sure": "yes"}, headers=SAME_ORIGIN_HEADERS)
    assert received_at(app, reference) == first_received_at
    assert "<button" not in client.get(link).text


def test_a_failed_confirmation_of_receipt_can_be_repeated(
    app: Flask, sent_referral: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, link = sent_referral
    store = app.extensions["form_service"].store

    with monkeypatch.context() as patch:
        patch.setattr(store.receipts, "record", raise_unavailable)
        response = app.test_client().post(
            link, data={"sure": "yes"}, headers=SAME_ORIGIN_HEADERS | {"Accept": "text/html"}
        )
    assert response.status_code == 503 and "Nothing has changed yet. Please try again" in response.text
    assert 'name="sure" value="yes"' in response.text, "the button tries again"
    main = response.text.partition("<main")[2]
    for false_statement in ("We have not received this", "Your answers", "you typed", "call or email the team as well"):
        assert false_statement not in main
    assert received_at(app, reference) is None


@pytest.mark.parametrize("token", ["x", "x.y.z", "é", "a" * 300])
def test_a_forged_confirmation_link_is_not_found(app: Flask, token: str) -> None:
    assert app.test_client().get(f"/referral/received/{token}").status_code == 404


def test_no_reminders_are_announced_for_a_cancelled_referral(app: Flask, sent_referral: tuple[str, str]) -> None:
    reference, link = sent_referral
    assert "the form will send reminders" in app.test_client().get(link).text
    token = app.extensions["form_service"].sealer.new_withdrawal_token(reference)
    app.test_client().post(f"/referral/withdraw/{token}", data={"action": "cancel"}, headers=SAME_ORIGIN_HEADERS)
    html = app.test_client().get(link).text
    assert "This referral has been cancelled" in html and "the form will send reminders" not in html


def test_the_withdrawal_link_does_not_confirm_receipt(app: Flask, sent_referral: tuple[str, str]) -> None:
    reference, _ = sent_referral
    token = app.extensions["form_service"].sealer.new_withdrawal_token(reference)
    assert app.test_client().post(f"/referral/received/{token}", headers=SAME_ORIGIN_HEADERS).status_code == 404
    assert received_at(app, reference) is None


def test_without_receipts_the_teams_email_has_no_link(make_app: MakeApp) -> None:
    app = make_app(FORM_RECEIPT="off")
    form_client = FormClient(app)
    form_client.fill_in("harmed")
    form_client.send()
    (email,) = claim_emails(app)
    assert "/received/" not in body_of(email) and "<a " not in html_of(email)


def test_while_a_referral_is_overdue_new_visitors_are_asked_to_call_as_well(
    app: Flask, sent_referral: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request_to_call = "Please call or email us as well."
    client, store = app.test_client(), app.extensions["form_service"].store
    assert request_to_call not in client.get("/referral/").text
    monkeypatch.setattr("form_service.operations.reminders.VISITOR_NOTICE_WORKING_DAYS", 0)
    app.extensions["visitor_notice"]._next_check_at = 0.0
    start_page = client.get("/referral/").text
    assert request_to_call in start_page and "01632 960123" in start_page.partition(request_to_call)[2]
    store.receipts.record(sent_referral[0])
    app.extensions["visitor_notice"]._next_check_at = 0.0
    assert request_to_call not in client.get("/referral/").text


def test_the_start_page_works_without_the_store(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Receipts, "unconfirmed_referrals", raise_unavailable)
    assert app.test_client().get("/referral/").status_code == 200
