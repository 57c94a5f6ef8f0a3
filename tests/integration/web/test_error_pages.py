"""Every error page has plain words, ways to reach the team and a way to leave."""

import time
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
from flask import Flask

from form_service.referral.questions import PAGES, Page
from form_service.store import Store
from form_service.web import rate_limits
from form_service.web.rate_limits import MAX_BODY_BYTES
from form_service.web.server import WAITRESS_MAX_BODY_BYTES
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient, claim_emails
from tests.support.form_fixtures import MakeApp
from tests.support.live_form import make_production_like
from tests.support.page_checks import check_page, parse
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import body_of

PROXY_SECRET = "a proxy's secret of more than 32 characters"


def assert_helpful_error_page(form_client: FormClient, code: int) -> None:
    """Check that the page has the status `code`, is not cached, and has ways to reach the team and a way to leave."""
    assert form_client.response.status_code == code, form_client.text
    assert form_client.response.mimetype == "text/html"
    for words in ("01632 960123", "07700 900123", "rj.team@example.org.uk", "Relay UK", "Leave this page"):
        assert words in form_client.text
    if code in (404, 405, 413):
        assert '<a class="button" href="/referral/">Go to the form</a>' in form_client.text
    assert form_client.response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in form_client.response.headers["Content-Security-Policy"]


def test_an_unknown_path_gets_a_helpful_404_page(form_client: FormClient) -> None:
    for path in ("/referral/nothing", "/nothing", "/referral/withdraw/", "/referral/assets/nothing.js"):
        form_client.get(path)
        assert_helpful_error_page(form_client, 404)


def test_a_wrong_method_gets_a_helpful_405_page(form_client: FormClient) -> None:
    form_client.response = form_client.flask_client.put("/referral/", headers=SAME_ORIGIN_HEADERS)
    form_client.follow_redirects("/referral/")
    assert_helpful_error_page(form_client, 405)
    assert "POST" in form_client.response.headers["Allow"]


def test_answers_that_are_too_long_get_an_error_page_that_says_what_to_do(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="times")
    form_client.post("/referral/times", {"must_not": "x" * 270_000, "token": form_client.hidden_value("token")})
    assert_helpful_error_page(form_client, 413)
    for words in (
        "Press your browser’s Back button",
        "Shorten them",
        "contact us another way",
        "earlier answers have been kept",
    ):
        assert words in form_client.text


def test_a_start_request_that_is_too_large_gets_a_helpful_413_page(form_client: FormClient) -> None:
    form_client.post("/referral/", {"language": "x" * 270_000})
    assert_helpful_error_page(form_client, 413)


def test_the_largest_possible_page_is_far_below_the_size_limits(app: Flask) -> None:
    def largest_body_size(page: Page) -> int:
        # A character outside the BMP takes the most room: four bytes in UTF-8, each percent-encoded as three.
        fields = {
            question.name: "\U0001f600" * question.max_length for question in page.questions if not question.choices
        }
        choice_fields = [(question.name, choice.value) for question in page.questions for choice in question.choices]
        return len(urlencode([*fields.items(), *choice_fields]))

    largest_size = max(map(largest_body_size, PAGES))
    assert largest_size * 10 < MAX_BODY_BYTES == app.config["MAX_CONTENT_LENGTH"]
    nginx_configuration = (Path(__file__).parents[3] / "deploy/nginx/front-door.conf").read_text()
    for name in ("client_max_body_size", "client_body_buffer_size"):
        assert f"{name} {2 * MAX_BODY_BYTES // 1024}k;" in nginx_configuration
    assert WAITRESS_MAX_BODY_BYTES == 2 * MAX_BODY_BYTES


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/xml"])
def test_a_body_of_another_content_type_gets_a_helpful_415_page(form_client: FormClient, content_type: str) -> None:
    form_client.response = form_client.flask_client.post(
        "/referral/who", data=b"{}", content_type=content_type, headers=SAME_ORIGIN_HEADERS
    )
    form_client.follow_redirects("/referral/who")
    assert_helpful_error_page(form_client, 415)
    assert "sent the page in a way that we cannot read" in form_client.text


def test_an_unreadable_body_gets_a_helpful_400_page(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="times")
    form_client.response = form_client.flask_client.post(
        "/referral/times", data=b"\x00", content_type="multipart/form-data; boundary=", headers=SAME_ORIGIN_HEADERS
    )
    form_client.follow_redirects("/referral/times")
    assert_helpful_error_page(form_client, 400)


def test_a_person_over_the_rate_limit_keeps_their_text_and_can_still_leave(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed", until="times")
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 3)
    form_client.post("/referral/times", {"must_not": "Never ring", "token": form_client.hidden_value("token")})
    assert_helpful_error_page(form_client, 429)
    assert 'name="must_not" value="Never ring"' in form_client.text
    assert form_client.response.headers["Retry-After"] == "600"
    assert form_client.flask_client.post("/referral/exit").status_code == 204


def test_a_client_that_reaches_the_limit_does_not_stop_others(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 3)
    for client_ip in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        client = app.test_client()
        statuses = [client.post("/referral/", environ_base={"REMOTE_ADDR": client_ip}).status_code for _ in range(4)]
        assert statuses == [303, 303, 303, 429]


def test_behind_a_proxy_clients_are_counted_separately_and_cannot_forge_their_address(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 3)
    client = make_app(FORM_TRUSTED_PROXIES="1").test_client()

    def statuses(forwarded_addresses: str) -> list[int]:
        return [
            client.post("/referral/", headers={"X-Forwarded-For": forwarded_addresses}).status_code for _ in range(4)
        ]

    assert statuses("192.0.2.1") == [303, 303, 303, 429]
    assert statuses("192.0.2.2") == [303, 303, 303, 429]
    assert statuses("192.0.2.9, 192.0.2.2")[0] == 429


def test_referrals_from_one_office_are_all_accepted_but_marked_once_there_are_many(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MANY_REFERRALS_PER_HOUR", 1)
    for _ in range(3):
        form_client = FormClient(app)
        form_client.fill_in("responsible")
        form_client.send()
        assert form_client.path == "/referral/done"
    are_marked = [
        "many referrals came from the same connection" in " ".join(body_of(mail).split()) for mail in claim_emails(app)
    ]
    assert sorted(are_marked) == [False, True, True]


def test_an_unexpected_error_gets_a_helpful_500_page(form_client: FormClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("form_service.web.views.start.draft_session", lambda: 1 / 0)
    form_client.get("/referral/")
    assert_helpful_error_page(form_client, 500)
    assert "not received" not in form_client.text, "opening a page sends nothing"


ANSWERS_KEPT_TEXT = "Your earlier answers have been kept"


@pytest.mark.parametrize("code", [413, 429, 500])
def test_error_pages_say_that_answers_are_kept_only_if_there_are_some(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def error_page_html(path: str, token: str = "") -> str:
        fields = {"name": "Sam", "token": token or form_client.hidden_value("token")}
        with monkeypatch.context() as patch:
            if code == 413:
                fields["name"] = "x" * 270_000
            elif code == 429:
                patch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 0)
            else:
                for function in ("question_pages.merge_page", "start.begin_draft"):
                    patch.setattr(f"form_service.web.views.{function}", lambda *_: 1 / 0)
            form_client.post(path, fields)
        assert_helpful_error_page(form_client, code)
        return form_client.text.partition("<main")[2]

    form_client.get("/referral/")
    assert "answers have been kept" not in error_page_html("/referral/")
    form_client.start()
    assert "answers have been kept" not in error_page_html("/referral/who")
    form_client.fill_in("harmed", until="about")
    assert ANSWERS_KEPT_TEXT in error_page_html("/referral/about")
    form_client.fill_in("harmed")
    token = form_client.hidden_value("token")
    form_client.send()
    assert "answers have been kept" not in error_page_html("/referral/about", token), "it has been sent"


def test_the_error_page_says_nothing_about_answers_if_the_form_cannot_be_started(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.web.views.start.begin_draft", lambda *_: 1 / 0)
    form_client.post("/referral/", {})
    assert_helpful_error_page(form_client, 500)
    for false_statement in ("not received", "answers have been kept", "What you typed"):
        assert false_statement not in form_client.text


def test_the_500_page_works_even_when_the_templates_are_broken(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("form_service.web.views.start.render_page", fail)
    monkeypatch.setattr("form_service.web.views.error_pages.render_page", fail)
    response = form_client.flask_client.get("/referral/", headers={"Accept": "text/html"})
    assert response.status_code == 500
    assert "This is our fault, not yours. Please try again in a moment" in response.text
    urls = ("tel:01632960123", "sms:07700900123", "mailto:rj.team@example.org.uk", "/referral/exit")
    assert [url for url in urls if f'href="{url}"' not in response.text] == []
    for words in ("Leave this page", "Relay UK", '<meta name="viewport" content="width=device-width,initial-scale=1">'):
        assert words in response.text
    parse(response.text)


def test_pressing_start_without_the_store_gets_a_503_page(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "writing", raise_unavailable)
    form_client.post("/referral/", {})
    assert_helpful_error_page(form_client, 503)
    assert "Try again" in form_client.text
    assert "The form cannot start just now" in form_client.text
    for false_statement in ("We have not received this", "Your answers are still here", "What you typed"):
        assert false_statement not in form_client.text, "nothing was typed yet"


def test_a_client_that_does_not_accept_html_gets_plain_text(form_client: FormClient) -> None:
    response = form_client.flask_client.get("/referral/nothing", headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert "01632 960123" in response.text


def signature_header(secret: str = PROXY_SECRET, **claims: object) -> dict[str, str]:
    """Return, as a dict, the header by which Netlify signs a request: a JSON Web Token signed with `secret`.

    `claims` are added to the usual claims or replace them.
    """
    return {"x-nf-sign": jwt.encode({"iss": "netlify", "exp": time.time() + 60} | claims, secret, "HS256")}


def test_with_a_proxy_secret_only_signed_requests_are_answered(make_app: MakeApp) -> None:
    form_client = FormClient(make_app(FORM_PROXY_SECRET=PROXY_SECRET))
    form_client.get("/referral/")
    assert_helpful_error_page(form_client, 403)
    client = form_client.flask_client
    assert client.get("/referral/", headers=signature_header()).status_code == 200
    unsigned_token = jwt.encode({"iss": "netlify", "exp": time.time() + 60}, "", "none")
    for forged_headers in (
        signature_header("another secret of more than 32 characters"),
        signature_header(iss="elsewhere"),
        signature_header(exp=time.time() - 3600),
        {"x-nf-sign": unsigned_token},
        {"x-nf-sign": jwt.encode({"iss": "netlify"}, PROXY_SECRET, "HS256")},
    ):
        assert client.get("/referral/", headers=forged_headers).status_code == 403
    assert client.get("/healthz").status_code == 200


def test_pressing_start_under_another_host_name_links_to_the_real_form(app: Flask) -> None:
    # Safari before 2023 sent no Sec-Fetch-Site header. The Origin header then names the alias.
    client = make_production_like(app, "https://www.bbc.co.uk/weather").test_client()
    headers = {"Origin": "https://www.alias.example", "Accept": "text/html"}
    response = client.post("/referral/", headers=headers, base_url="https://www.alias.example")
    check_page(response.text)
    assert "the form did not start" in response.text
    assert 'href="https://restorative.example.org.uk/referral/"' in response.text
    assert "Set-Cookie" not in response.headers and "alias.example" not in response.text
    assert "the form did not start" not in client.get("/referral/").text
