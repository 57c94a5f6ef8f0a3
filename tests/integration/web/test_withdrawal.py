"""A request can be cancelled on every host that serves the form, and its confirmation page then says so."""

import time

import pytest
from flask import Flask

from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient, claim_emails
from tests.support.team_email import body_of


def test_the_confirmation_links_to_this_host_and_the_copy_to_the_public_url(
    form_client: FormClient, app: Flask
) -> None:
    form_client.fill_in("harmed")
    form_client.send(copy_to="sam@example.org")
    link = form_client.private_page_path  # without a host, because the form may run on another host than the site
    (copy_email,) = [mail for mail in claim_emails(app) if mail["To"] == "sam@example.org"]
    assert "https://restorative.example.org.uk/referral/withdraw/" in copy_email.get_content()
    form_client.get(link)
    assert "Cancel my request" in form_client.text


@pytest.mark.parametrize("route", ["harmed", "professional"])
def test_the_confirmation_of_a_withdrawn_referral_says_that_it_is_cancelled(
    form_client: FormClient, app: Flask, route: str
) -> None:
    form_client.fill_in(route)
    form_client.send()
    reference = form_client.reference
    other_client = FormClient(app)
    other_client.cancel(form_client.private_page_path)
    assert "Nothing was sent to the team, and nothing will be" in other_client.text
    for path in ("/referral/done", "/referral/check"):
        response = form_client.get(path)
        assert (response.status_code, form_client.path) == (200, "/referral/done")
        assert "Your request has already been cancelled" in form_client.text
        assert reference in form_client.text
        for false_statement in (
            "We have received your form",
            "will be in touch",
            "will contact them",
            "PC Shaw",
            "Cancel my request",
        ):
            assert false_statement not in form_client.text


def test_after_a_lost_confirmation_no_page_says_that_nothing_was_sent(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed")
    # The connection drops: Send was pressed, but the response never arrived.
    assert (
        form_client.flask_client.post(
            "/referral/check", data=form_client.fields_to_send(), headers=SAME_ORIGIN_HEADERS
        ).status_code
        == 303
    )
    now = time.time()
    monkeypatch.setattr(app.extensions["form_service"].store.database, "clock", lambda: now + 61 * 60)
    form_client.get("/referral/check")
    assert form_client.path == "/referral/"
    main = form_client.text.partition("Before you start</h1>")[2].partition("<h2>")[0]
    assert "did not see a reference, we may not have it. Please ask us, and we will check." in main
    for way in ("tel:01632960123", "sms:07700900123", "mailto:rj.team@example.org.uk"):
        assert way in main
    assert "nothing was sent" not in form_client.text


def test_a_clock_that_is_behind_breaks_neither_links_nor_bot_detection(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_time = time.time
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: real_time() - 3)
    form_client.post("/referral/check", fields)
    (email,) = claim_emails(app)
    assert "THIS MAY BE AUTOMATED" not in body_of(email)
    link = form_client.private_page_path
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: real_time() - 3600)
    form_client.get(link)
    assert "Cancel my request" in form_client.text
