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
from tests.support.form_fixtures import MakeApp
from tests.support.page_checks import parse, text_of
from tests.support.person import Person, claim_emails
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import body_of

TYPED_TEXT = "Never ring after 5pm"


def cookie_of(person: Person) -> str:
    """Return the value of the person's draft cookie, or "" if the browser has none."""
    cookie = person.client.get_cookie("draft", path="/referral/")
    return cookie.value if cookie else ""


def draft_exists(person: Person, cookie: str) -> bool:
    """Return whether the store holds the draft that belongs to the cookie."""
    return person.app.extensions["form_service"].store.drafts.read(draft_keys.draft_id(cookie)) is not None


def test_leaving_wipes_the_answers_and_the_cookie_and_opens_a_neutral_site(person: Person) -> None:
    person.fill_in("harmed")
    cookie = cookie_of(person)
    response = person.client.get("/referral/exit")
    assert (response.status_code, response.location) == (303, "https://www.bbc.co.uk/weather")
    assert cookie_of(person) == ""
    assert not draft_exists(person, cookie)
    person.get("/referral/check")
    assert person.path == "/referral/"


def test_a_beacon_from_the_exit_script_wipes_the_answers_too(person: Person) -> None:
    person.fill_in("harmed")
    cookie = cookie_of(person)
    response = person.client.post("/referral/exit", data=b"", content_type="text/plain;charset=UTF-8")
    assert response.status_code == 204
    assert cookie_of(person) == ""
    assert not draft_exists(person, cookie)


def test_leaving_works_while_the_store_is_unavailable(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.fill_in("harmed")

    for name in ("reading", "writing"):
        monkeypatch.setattr(Store, name, raise_unavailable)
    response = person.client.get("/referral/exit")
    assert (response.status_code, response.location) == (303, "https://www.bbc.co.uk/weather")
    assert cookie_of(person) == ""


@pytest.mark.long
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_leaving_does_not_wait_for_a_stalled_store(person: Person, tmp_path: Path, method: str) -> None:
    person.fill_in("harmed", until="times")
    cookie = cookie_of(person)
    with closing(sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)) as blocking_connection:
        blocking_connection.execute("BEGIN IMMEDIATE")
        started_at = time.monotonic()
        response = person.client.open("/referral/exit", method=method)
        assert time.monotonic() - started_at < 3, "waiting for the lock would take 5 seconds"
        assert response.status_code in (303, 204) and cookie_of(person) == ""
        blocking_connection.execute("ROLLBACK")
    deadline = time.monotonic() + 20
    while draft_exists(person, cookie) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not draft_exists(person, cookie), "what was typed is wiped when the store is back"


def test_leaving_works_without_a_draft(person: Person) -> None:
    assert person.client.get("/referral/exit").status_code == 303
    assert person.client.post("/referral/exit").status_code == 204


def test_the_servers_files_cannot_be_read_without_the_persons_cookie(person: Person, tmp_path: Path) -> None:
    person.fill_in("harmed")
    stored_bytes = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for private_text in (TYPED_TEXT, "07700 900111", "sam@example.org", cookie_of(person)):
        assert private_text.encode() not in stored_bytes
    assert cookie_of(person)


@pytest.mark.parametrize("slug", ["who", "about", "reach", "check", "done", "not-yet", "begin"])
def test_without_a_draft_every_page_redirects_to_the_start(person: Person, slug: str) -> None:
    if slug != "begin":
        response = person.client.get(f"/referral/{slug}")
        assert (response.status_code, response.location) == (303, "/referral/")
    person.client.set_cookie("draft", "x" * 43, path="/referral/")
    response = person.client.get(f"/referral/{slug}")
    assert (response.status_code, response.location) == (303, "/referral/")


def test_a_blocked_cookie_is_explained_with_other_ways_to_reach_the_team(person: Person) -> None:
    person.client = person.app.test_client(use_cookies=False)
    person.start()
    assert person.path == "/referral/begin"
    for words in ("Your browser blocked the cookie", "Allow cookies", "01632 960123", "rj.team@example.org.uk"):
        assert words in person.text


def test_a_draft_is_deleted_a_day_after_the_last_answer(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    database = person.app.extensions["form_service"].store.database
    now = time.time()
    person.fill_in("harmed", until="support")
    monkeypatch.setattr(database, "clock", lambda: now + 23.9 * 3600)
    person.answer("support", {})
    monkeypatch.setattr(database, "clock", lambda: now + 47 * 3600)
    person.get("/referral/times")
    assert TYPED_TEXT in person.text
    monkeypatch.setattr(database, "clock", lambda: now + 48 * 3600)
    person.get("/referral/times")
    assert person.path == "/referral/"
    assert "Earlier answers from this browser are no longer here" in person.text


def test_the_confirmation_can_be_opened_again_for_an_hour(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    database = person.app.extensions["form_service"].store.database
    person.fill_in("harmed")
    person.send()
    reference, now = person.reference, time.time()
    monkeypatch.setattr(database, "clock", lambda: now + 59 * 60)
    person.get("/referral/done")
    assert person.reference == reference
    person.get("/referral/")
    assert f"Its reference is {reference}" in text_of(parse(person.text))
    monkeypatch.setattr(database, "clock", lambda: now + 61 * 60)
    person.get("/referral/done")
    assert person.path == "/referral/"
    assert "If you saw a reference, we have received what you sent." in person.text


def test_the_only_cookie_is_private_and_limited_to_the_form(person: Person, app: Flask) -> None:
    response = person.client.post("/referral/")
    (header,) = response.headers.getlist("Set-Cookie")
    assert re.fullmatch(r"draft=[\w-]{43}; HttpOnly; Path=/referral/; SameSite=Lax", header)
    context = app.extensions["form_service"]
    app.extensions["form_service"] = replace(context, settings=replace(context.settings, environment="production"))
    (header,) = person.client.post("/referral/").headers.getlist("Set-Cookie")
    assert re.fullmatch(r"__Secure-draft=[\w-]{43}; Secure; HttpOnly; Path=/referral/; SameSite=Lax", header)


def test_opening_the_start_page_sets_no_cookie(person: Person) -> None:
    assert person.client.get("/referral/").headers.getlist("Set-Cookie") == []


def test_starting_again_wipes_the_old_answers_and_carrying_on_keeps_them(person: Person) -> None:
    person.fill_in("harmed", until="support")
    person.get("/referral/")
    assert "your answers are still here" in person.text
    person.get("/referral/begin")
    assert person.path == "/referral/support"
    old_cookie = cookie_of(person)
    person.start()
    assert person.path == "/referral/who"
    assert cookie_of(person) != old_cookie
    assert not draft_exists(person, old_cookie)


def test_a_mail_scanner_that_opens_the_withdrawal_link_changes_nothing(person: Person, app: Flask) -> None:
    person.fill_in("harmed")
    person.send()
    link, reference = person.private_page, person.reference
    for _ in range(3):
        app.test_client().get(link)
        app.test_client().head(link)
    person.get(link)
    assert reference in person.text
    assert "Sam" not in person.text
    (mail,) = claim_emails(app)
    assert str(mail["Subject"]).endswith(reference)


def test_withdrawing_before_delivery_sends_nothing_and_wipes_everything(
    person: Person, app: Flask, tmp_path: Path
) -> None:
    person.fill_in("harmed")
    person.send()
    link, cookie = person.private_page, cookie_of(person)
    person.cancel(link)
    assert "Nothing was sent to the team, and nothing will be" in person.text
    assert claim_emails(app) == []
    assert not draft_exists(person, cookie)
    assert cookie_of(person) == ""
    with closing(sqlite3.connect(tmp_path / "referrals.db")) as database:
        assert database.execute("SELECT count(*) FROM mail WHERE sealed IS NOT NULL").fetchone() == (0,)
    person.cancel(link)
    assert "Nothing was sent to the team, and nothing will be" in person.text, "a repeat gives the first outcome"


def test_withdrawing_after_delivery_tells_the_team_only_the_reference(person: Person, app: Flask) -> None:
    person.fill_in("harmed")
    person.send()
    link, reference = person.private_page, person.reference
    assert len(claim_emails(app)) == 1  # claims the delivery, which is then under lease
    person.cancel(link)
    assert "We are telling the team that you have cancelled" in person.text
    (notice,) = claim_emails(app)
    assert notice["Subject"] == f"Referral {reference}"
    assert (body := body_of(notice)).startswith(f"CANCELLED: referral {reference}") and "Sam" not in body


def test_a_forged_or_expired_withdrawal_link_says_whom_to_contact(
    person: Person, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.fill_in("harmed")
    person.send()
    link = person.private_page
    for path in (f"{link}x", "/referral/withdraw/7KQ4-M2X6"):
        response = person.get(path)
        assert response.status_code == 404
        assert "This link has expired" in person.text
        assert "01632 960123" in person.text
    after_expiry = time.time() + 30 * 86400 + 60
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: after_expiry)
    response = person.cancel(link)
    assert response.status_code == 404
    assert len(claim_emails(app)) == 1


def test_withdrawing_works_after_the_certificate_has_expired(
    person: Person, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.fill_in("harmed")
    person.send()
    link = person.private_page
    monkeypatch.setattr(app.extensions["form_service"].sealer, "problem", lambda: "the certificate has expired")
    person.cancel(link)
    assert "Your request is cancelled" in person.text
    assert claim_emails(app) == []


@pytest.mark.parametrize("failure", [StoreUnavailable("gone"), ZeroDivisionError()], ids=["store", "mistake"])
def test_a_failed_withdrawal_is_reported_and_can_be_repeated(
    person: Person, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    person.fill_in("harmed")
    person.send()
    link = person.private_page

    def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(Store, "writing", fail)
        response = person.cancel(link)
    assert response.status_code in (500, 503)
    for words in ("Nothing has changed yet", "To be sure, call or email", "Try again", "01632 960123"):
        assert words in person.text
    for words in ("not received", "What you typed", "answers"):
        assert words not in person.text.partition("<main")[2].partition("<footer")[0]
    person.post(link, dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', person.text)))
    assert "Your request is cancelled" in person.text


def test_a_page_of_another_site_cannot_withdraw_a_referral(person: Person, app: Flask) -> None:
    person.fill_in("harmed")
    person.send()
    person.cancel(person.private_page, **{"Sec-Fetch-Site": "cross-site"})
    assert "Cancel my request" in person.text
    assert len(claim_emails(app)) == 1


def test_without_a_usable_certificate_the_form_is_closed_before_anyone_types(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    monkeypatch.setattr(app.extensions["form_service"].sealer, "problem", lambda: "the certificate has expired")
    person = Person(app)
    response = person.get("/referral/")
    assert response.status_code == 503
    for words in ("Please contact us another way", "01632 960123", "07700 900123"):
        assert words in person.text
    assert 'method="post"' not in person.text
    assert person.post("/referral/", {}).status_code == 503
    assert cookie_of(person) == ""
