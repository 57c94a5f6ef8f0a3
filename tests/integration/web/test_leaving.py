"""Answers are deleted when a person leaves or withdraws, and kept while the person pauses."""

import re
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from form_service.crypto import draft_keys
from form_service.store import Store, StoreUnavailable
from tests.support.form_client import FormClient, claim_emails
from tests.support.form_fixtures import MakeApp
from tests.support.page_checks import parse, text_of
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import body_of

TYPED_TEXT = "Never ring after 5pm"


def cookie_of(form_client: FormClient) -> str:
    """Return the value of the person's draft cookie, or "" if the browser has none."""
    cookie = form_client.flask_client.get_cookie("draft", path="/referral/")
    return cookie.value if cookie else ""


def draft_exists(form_client: FormClient, cookie: str) -> bool:
    """Return whether the store holds the draft that belongs to the cookie."""
    return form_client.app.extensions["form_service"].store.drafts.read(draft_keys.draft_id(cookie)) is not None


def test_leaving_wipes_the_answers_and_the_cookie_and_opens_a_neutral_site(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    cookie = cookie_of(form_client)
    response = form_client.flask_client.get("/referral/exit")
    assert (response.status_code, response.location) == (303, "https://www.bbc.co.uk/weather")
    assert cookie_of(form_client) == ""
    assert not draft_exists(form_client, cookie)
    form_client.get("/referral/check")
    assert form_client.path == "/referral/"


def test_a_beacon_from_the_exit_script_wipes_the_answers_too(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    cookie = cookie_of(form_client)
    response = form_client.flask_client.post("/referral/exit", data=b"", content_type="text/plain;charset=UTF-8")
    assert response.status_code == 204
    assert cookie_of(form_client) == ""
    assert not draft_exists(form_client, cookie)


def test_leaving_works_while_the_store_is_unavailable(form_client: FormClient, monkeypatch: pytest.MonkeyPatch) -> None:
    form_client.fill_in("harmed")

    for name in ("reading", "writing"):
        monkeypatch.setattr(Store, name, raise_unavailable)
    response = form_client.flask_client.get("/referral/exit")
    assert (response.status_code, response.location) == (303, "https://www.bbc.co.uk/weather")
    assert cookie_of(form_client) == ""


@pytest.mark.long
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_leaving_does_not_wait_for_a_stalled_store(form_client: FormClient, tmp_path: Path, method: str) -> None:
    form_client.fill_in("harmed", until="times")
    cookie = cookie_of(form_client)
    with closing(sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)) as blocking_connection:
        blocking_connection.execute("BEGIN IMMEDIATE")
        started_at = time.monotonic()
        response = form_client.flask_client.open("/referral/exit", method=method)
        assert time.monotonic() - started_at < 3, "waiting for the lock would take 5 seconds"
        assert response.status_code in (303, 204) and cookie_of(form_client) == ""
        blocking_connection.execute("ROLLBACK")
    deadline = time.monotonic() + 20
    while draft_exists(form_client, cookie) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not draft_exists(form_client, cookie), "what was typed is wiped when the store is back"


def test_leaving_works_without_a_draft(form_client: FormClient) -> None:
    assert form_client.flask_client.get("/referral/exit").status_code == 303
    assert form_client.flask_client.post("/referral/exit").status_code == 204


def test_the_servers_files_cannot_be_read_without_the_persons_cookie(form_client: FormClient, tmp_path: Path) -> None:
    form_client.fill_in("harmed")
    stored_bytes = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for private_text in (TYPED_TEXT, "07700 900111", "sam@example.org", cookie_of(form_client)):
        assert private_text.encode() not in stored_bytes
    assert cookie_of(form_client)


@pytest.mark.parametrize("slug", ["who", "about", "reach", "check", "done", "not-yet", "begin"])
def test_without_a_draft_every_page_redirects_to_the_start(form_client: FormClient, slug: str) -> None:
    if slug != "begin":
        response = form_client.flask_client.get(f"/referral/{slug}")
        assert (response.status_code, response.location) == (303, "/referral/")
    form_client.flask_client.set_cookie("draft", "x" * 43, path="/referral/")
    response = form_client.flask_client.get(f"/referral/{slug}")
    assert (response.status_code, response.location) == (303, "/referral/")


def test_a_blocked_cookie_is_explained_with_other_ways_to_reach_the_team(form_client: FormClient) -> None:
    form_client.flask_client = form_client.app.test_client(use_cookies=False)
    form_client.start()
    assert form_client.path == "/referral/begin"
    for words in ("Your browser blocked the cookie", "Allow cookies", "01632 960123", "rj.team@example.org.uk"):
        assert words in form_client.text


def test_a_draft_is_deleted_a_day_after_the_last_answer(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = form_client.app.extensions["form_service"].store.database
    now = time.time()
    form_client.fill_in("harmed", until="support")
    monkeypatch.setattr(database, "clock", lambda: now + 23.9 * 3600)
    form_client.answer("support", {})
    monkeypatch.setattr(database, "clock", lambda: now + 47 * 3600)
    form_client.get("/referral/times")
    assert TYPED_TEXT in form_client.text
    monkeypatch.setattr(database, "clock", lambda: now + 48 * 3600)
    form_client.get("/referral/times")
    assert form_client.path == "/referral/"
    assert "Earlier answers from this browser are no longer here" in form_client.text


def test_the_confirmation_can_be_opened_again_for_an_hour(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = form_client.app.extensions["form_service"].store.database
    form_client.fill_in("harmed")
    form_client.send()
    reference, now = form_client.reference, time.time()
    monkeypatch.setattr(database, "clock", lambda: now + 59 * 60)
    form_client.get("/referral/done")
    assert form_client.reference == reference
    form_client.get("/referral/")
    assert f"Its reference is {reference}" in text_of(parse(form_client.text))
    monkeypatch.setattr(database, "clock", lambda: now + 61 * 60)
    form_client.get("/referral/done")
    assert form_client.path == "/referral/"
    assert "If you saw a reference, we have received what you sent." in form_client.text


def test_the_only_cookie_is_private_and_limited_to_the_form(form_client: FormClient, app: Flask) -> None:
    response = form_client.flask_client.post("/referral/")
    (header,) = response.headers.getlist("Set-Cookie")
    assert re.fullmatch(r"draft=[\w-]{43}; HttpOnly; Path=/referral/; SameSite=Lax", header)
    context = app.extensions["form_service"]
    app.extensions["form_service"] = replace(context, settings=replace(context.settings, environment="production"))
    (header,) = form_client.flask_client.post("/referral/").headers.getlist("Set-Cookie")
    assert re.fullmatch(r"__Secure-draft=[\w-]{43}; Secure; HttpOnly; Path=/referral/; SameSite=Lax", header)


def test_opening_the_start_page_sets_no_cookie(form_client: FormClient) -> None:
    assert form_client.flask_client.get("/referral/").headers.getlist("Set-Cookie") == []


def test_starting_again_wipes_the_old_answers_and_carrying_on_keeps_them(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="support")
    form_client.get("/referral/")
    assert "your answers are still here" in form_client.text
    form_client.get("/referral/begin")
    assert form_client.path == "/referral/support"
    old_cookie = cookie_of(form_client)
    form_client.start()
    assert form_client.path == "/referral/who"
    assert cookie_of(form_client) != old_cookie
    assert not draft_exists(form_client, old_cookie)


def test_a_mail_scanner_that_opens_the_withdrawal_link_changes_nothing(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    link, reference = form_client.private_page_path, form_client.reference
    for _ in range(3):
        app.test_client().get(link)
        app.test_client().head(link)
    form_client.get(link)
    assert reference in form_client.text
    assert "Sam" not in form_client.text
    (mail,) = claim_emails(app)
    assert str(mail["Subject"]).endswith(reference)


def test_withdrawing_before_delivery_sends_nothing_and_wipes_everything(
    form_client: FormClient, app: Flask, tmp_path: Path
) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    link, cookie = form_client.private_page_path, cookie_of(form_client)
    form_client.cancel(link)
    assert "Nothing was sent to the team, and nothing will be" in form_client.text
    assert claim_emails(app) == []
    assert not draft_exists(form_client, cookie)
    assert cookie_of(form_client) == ""
    with closing(sqlite3.connect(tmp_path / "referrals.db")) as database:
        assert database.execute("SELECT count(*) FROM mail WHERE sealed IS NOT NULL").fetchone() == (0,)
    form_client.cancel(link)
    assert "Nothing was sent to the team, and nothing will be" in form_client.text, "a repeat gives the first outcome"


def test_withdrawing_after_delivery_tells_the_team_only_the_reference(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    link, reference = form_client.private_page_path, form_client.reference
    assert len(claim_emails(app)) == 1  # claims the delivery, which is then under lease
    form_client.cancel(link)
    assert "We are telling the team that you have cancelled" in form_client.text
    (notice,) = claim_emails(app)
    assert notice["Subject"] == f"Referral {reference}"
    assert (body := body_of(notice)).startswith(f"CANCELLED: referral {reference}") and "Sam" not in body


def test_a_forged_or_expired_withdrawal_link_says_whom_to_contact(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    link = form_client.private_page_path
    for path in (f"{link}x", "/referral/withdraw/7KQ4-M2X6"):
        response = form_client.get(path)
        assert response.status_code == 404
        assert "This link has expired" in form_client.text
        assert "01632 960123" in form_client.text
    after_expiry = time.time() + 30 * 86400 + 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: after_expiry)
    response = form_client.cancel(link)
    assert response.status_code == 404
    assert len(claim_emails(app)) == 1


def test_withdrawing_works_after_the_certificate_has_expired(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    link = form_client.private_page_path
    monkeypatch.setattr(app.extensions["form_service"].sealer, "problem", lambda: "the certificate has expired")
    form_client.cancel(link)
    assert "Your request is cancelled" in form_client.text
    assert claim_emails(app) == []


@pytest.mark.parametrize("failure", [StoreUnavailable("gone"), ZeroDivisionError()], ids=["store", "mistake"])
def test_a_failed_withdrawal_is_reported_and_can_be_repeated(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    link = form_client.private_page_path

    def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(Store, "writing", fail)
        response = form_client.cancel(link)
    assert response.status_code in (500, 503)
    for words in ("Nothing has changed yet", "To be sure, call or email", "Try again", "01632 960123"):
        assert words in form_client.text
    for words in ("not received", "What you typed", "answers"):
        assert words not in form_client.text.partition("<main")[2].partition("<footer")[0]
    form_client.post(link, dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form_client.text)))
    assert "Your request is cancelled" in form_client.text


def test_a_page_of_another_site_cannot_withdraw_a_referral(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    form_client.cancel(form_client.private_page_path, **{"Sec-Fetch-Site": "cross-site"})
    assert "Cancel my request" in form_client.text
    assert len(claim_emails(app)) == 1


def test_without_a_usable_certificate_the_form_is_closed_before_anyone_types(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    monkeypatch.setattr(app.extensions["form_service"].sealer, "problem", lambda: "the certificate has expired")
    form_client = FormClient(app)
    response = form_client.get("/referral/")
    assert response.status_code == 503
    for words in ("Please contact us another way", "01632 960123", "07700 900123"):
        assert words in form_client.text
    assert 'method="post"' not in form_client.text
    assert form_client.post("/referral/", {}).status_code == 503
    assert cookie_of(form_client) == ""
