"""Cookie tossing: with a cookie planted by another subdomain, no answer goes into another person's draft."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from form_service.crypto import draft_keys
from tests.support.page_checks import check_page
from tests.support.person import AS_OUR_PAGE, Fields, Person

NUMBER = "07700 900999"
DEAD = "A" * 43


def cookie_of(person: Person) -> str:
    cookie = person.client.get_cookie("draft", path="/referral/")
    assert cookie is not None
    return cookie.value


def ask(app: Flask, address: str, *cookies: str, fields: Fields | None = None) -> TestResponse:
    """Send one request with the cookies in this order; browsers send a cookie with a longer path first."""
    line = "; ".join(f"draft={cookie}" for cookie in cookies)
    client = app.test_client(use_cookies=False)
    return client.open(
        address, method="GET" if fields is None else "POST", data=fields, headers=AS_OUR_PAGE | {"Cookie": line}
    )


def assert_page_about_the_cookie(answer: TestResponse) -> None:
    assert answer.status_code == 400
    check_page(answer.text)
    for words in (
        "We stopped the form to keep your answers private",
        "01632 960123",
        "rj.team@example.org.uk",
        "/referral/exit",
    ):
        assert words in answer.text


@pytest.mark.parametrize("planted_first", [True, False])
def test_nothing_typed_goes_into_the_draft_of_a_planted_cookie(app: Flask, planted_first: bool) -> None:
    other, person = Person(app).walk("harmed", until="reach"), Person(app).walk("harmed", until="reach")
    both = (cookie_of(other), cookie_of(person)) if planted_first else (cookie_of(person), cookie_of(other))
    assert_page_about_the_cookie(ask(app, "/referral/reach", *both))
    for drawer in (other, person):
        drawer.get("/referral/reach")
        typed = {"voice": "you", "reach": "phone", "phone_number": NUMBER, "token": drawer.hidden("token")}
        assert_page_about_the_cookie(ask(app, "/referral/reach", *both, fields=typed))
    for draft in (other, person):
        draft.get("/referral/reach")
        assert NUMBER not in draft.text


def test_the_form_is_not_sent_from_a_draft_that_may_be_another_persons(app: Flask) -> None:
    other, person = Person(app).walk("harmed"), Person(app).walk("harmed")
    sent = ask(app, "/referral/check", cookie_of(other), cookie_of(person), fields=other.sending())
    assert_page_about_the_cookie(sent)
    assert sum(app.extensions["form_service"].store.reports.counts_by_outcome().values()) == 0


def test_start_does_not_go_round_in_circles_with_a_planted_cookie(app: Flask) -> None:
    begun = ask(app, "/referral/", DEAD, fields={})
    own = re.search("draft=([^;]+)", begun.headers["Set-Cookie"])
    assert own is not None and begun.location == "/referral/begin"
    for address in ("/referral/begin", "/referral/", "/referral/who", "/referral/done", "/referral/not-yet"):
        assert_page_about_the_cookie(ask(app, address, DEAD, own[1]))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_leaving_with_several_cookies_wipes_the_persons_own_answers(app: Flask, method: str) -> None:
    person = Person(app).walk("harmed", until="reach")
    cookie = cookie_of(person)
    left = ask(app, "/referral/exit", DEAD, cookie, fields=None if method == "GET" else {})
    assert left.status_code == (303 if method == "GET" else 204)
    context = app.extensions["form_service"]
    assert context.store.drafts.read(draft_keys.draft_id(cookie)) is None
    assert "draft=" in left.headers["Set-Cookie"]


def test_withdrawing_works_with_several_cookies(app: Flask) -> None:
    person = Person(app).walk("harmed")
    person.send()
    link = re.search(r'href="(/referral/withdraw/[^"]+)"', person.text)
    assert link is not None
    assert "Your request is cancelled" in ask(app, link[1], DEAD, cookie_of(person), fields={}).text
