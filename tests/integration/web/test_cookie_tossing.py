"""Even if another subdomain plants a cookie, no answer goes into another person's draft."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from form_service.crypto import draft_keys
from tests.support.form_client import SAME_ORIGIN_HEADERS, Fields, FormClient
from tests.support.page_checks import check_page

PHONE_NUMBER = "07700 900999"
UNKNOWN_COOKIE = "A" * 43


def cookie_of(form_client: FormClient) -> str:
    cookie = form_client.flask_client.get_cookie("draft", path="/referral/")
    assert cookie is not None
    return cookie.value


def send_with_cookies(app: Flask, path: str, *cookies: str, fields: Fields | None = None) -> TestResponse:
    """Send one request with several draft cookies, in the given order: a POST if `fields` is given, otherwise a GET."""
    # A browser sends the cookie with the longer path first.
    cookie_header = "; ".join(f"draft={cookie}" for cookie in cookies)
    client = app.test_client(use_cookies=False)
    return client.open(
        path,
        method="GET" if fields is None else "POST",
        data=fields,
        headers=SAME_ORIGIN_HEADERS | {"Cookie": cookie_header},
    )


def assert_cookie_error_page(response: TestResponse) -> None:
    assert response.status_code == 400
    check_page(response.text)
    for words in (
        "We stopped the form to keep your answers private",
        "01632 960123",
        "rj.team@example.org.uk",
        "/referral/exit",
    ):
        assert words in response.text


@pytest.mark.parametrize("is_planted_first", [True, False])
def test_no_answer_goes_into_the_draft_of_a_planted_cookie(app: Flask, is_planted_first: bool) -> None:
    other_client, form_client = (
        FormClient(app).fill_in("harmed", until="reach"),
        FormClient(app).fill_in("harmed", until="reach"),
    )
    cookies = (
        (cookie_of(other_client), cookie_of(form_client))
        if is_planted_first
        else (cookie_of(form_client), cookie_of(other_client))
    )
    assert_cookie_error_page(send_with_cookies(app, "/referral/reach", *cookies))
    for token_owner in (other_client, form_client):
        token_owner.get("/referral/reach")
        fields = {
            "voice": "you",
            "reach": "phone",
            "phone_number": PHONE_NUMBER,
            "token": token_owner.hidden_value("token"),
        }
        assert_cookie_error_page(send_with_cookies(app, "/referral/reach", *cookies, fields=fields))
    for draft_owner in (other_client, form_client):
        draft_owner.get("/referral/reach")
        assert PHONE_NUMBER not in draft_owner.text


def test_the_form_is_not_sent_from_a_draft_that_may_be_another_persons(app: Flask) -> None:
    other_client, form_client = FormClient(app).fill_in("harmed"), FormClient(app).fill_in("harmed")
    response = send_with_cookies(
        app, "/referral/check", cookie_of(other_client), cookie_of(form_client), fields=other_client.fields_to_send()
    )
    assert_cookie_error_page(response)
    assert sum(app.extensions["form_service"].store.reports.counts_by_outcome().values()) == 0


def test_pressing_start_with_a_planted_cookie_leads_to_an_error_page_not_a_loop(app: Flask) -> None:
    response = send_with_cookies(app, "/referral/", UNKNOWN_COOKIE, fields={})
    new_cookie = re.search("draft=([^;]+)", response.headers["Set-Cookie"])
    assert new_cookie is not None and response.location == "/referral/begin"
    for path in ("/referral/begin", "/referral/", "/referral/who", "/referral/done", "/referral/not-yet"):
        assert_cookie_error_page(send_with_cookies(app, path, UNKNOWN_COOKIE, new_cookie[1]))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_leaving_with_several_cookies_wipes_the_persons_own_answers(app: Flask, method: str) -> None:
    form_client = FormClient(app).fill_in("harmed", until="reach")
    cookie = cookie_of(form_client)
    response = send_with_cookies(app, "/referral/exit", UNKNOWN_COOKIE, cookie, fields=None if method == "GET" else {})
    assert response.status_code == (303 if method == "GET" else 204)
    context = app.extensions["form_service"]
    assert context.store.drafts.read(draft_keys.draft_id(cookie)) is None
    assert "draft=" in response.headers["Set-Cookie"]


def test_withdrawing_works_with_several_cookies(app: Flask) -> None:
    form_client = FormClient(app).fill_in("harmed")
    form_client.send()
    cookies = UNKNOWN_COOKIE, cookie_of(form_client)
    page = send_with_cookies(app, form_client.private_page_path, *cookies, fields={"action": "cancel"})
    assert "Your request is cancelled" in page.text
