"""Every error page has plain words, ways to reach the team and a way to leave."""

import time
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from form_service.referral.questions import PAGES, Page
from form_service.store import Store
from form_service.web import rate_limits
from form_service.web.rate_limits import MAX_BODY_BYTES
from form_service.web.server import WAITRESS_MAX_BODY_BYTES
from tests.support.form_fixtures import MakeApp
from tests.support.live_form import make_production_like
from tests.support.page_checks import check_page, parse
from tests.support.person import SAME_ORIGIN_HEADERS, Person, claim_emails
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import body_of

PROXY_SECRET = "a proxy's secret of more than 32 characters"


def assert_helpful_error_page(person: Person, code: int) -> None:
    """Check that the page has the status `code`, is not cached, and has ways to reach the team and a way to leave."""
    assert person.response.status_code == code, person.text
    assert person.response.mimetype == "text/html"
    for words in ("01632 960123", "07700 900123", "rj.team@example.org.uk", "Relay UK", "Leave this page"):
        assert words in person.text
    if code in (404, 405, 413):
        assert '<a class="button" href="/referral/">Go to the form</a>' in person.text
    assert person.response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in person.response.headers["Content-Security-Policy"]


def test_an_unknown_path_gets_a_helpful_404_page(person: Person) -> None:
    for path in ("/referral/nothing", "/nothing", "/referral/withdraw/", "/referral/assets/nothing.js"):
        person.get(path)
        assert_helpful_error_page(person, 404)


def test_a_wrong_method_gets_a_helpful_405_page(person: Person) -> None:
    person.response = person.client.put("/referral/", headers=SAME_ORIGIN_HEADERS)
    person.follow_redirects("/referral/")
    assert_helpful_error_page(person, 405)
    assert "POST" in person.response.headers["Allow"]


def test_answers_that_are_too_long_get_an_error_page_that_says_what_to_do(person: Person) -> None:
    person.fill_in("harmed", until="times")
    person.post("/referral/times", {"must_not": "x" * 270_000, "token": person.hidden_value("token")})
    assert_helpful_error_page(person, 413)
    for words in (
        "Press your browser’s Back button",
        "Shorten them",
        "contact us another way",
        "earlier answers have been kept",
    ):
        assert words in person.text


def test_a_start_request_that_is_too_large_gets_a_helpful_413_page(person: Person) -> None:
    person.post("/referral/", {"language": "x" * 270_000})
    assert_helpful_error_page(person, 413)


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
def test_a_body_of_another_content_type_gets_a_helpful_415_page(person: Person, content_type: str) -> None:
    person.response = person.client.post(
        "/referral/who", data=b"{}", content_type=content_type, headers=SAME_ORIGIN_HEADERS
    )
    person.follow_redirects("/referral/who")
    assert_helpful_error_page(person, 415)
    assert "sent the page in a way that we cannot read" in person.text


def test_an_unreadable_body_gets_a_helpful_400_page(person: Person) -> None:
    person.fill_in("harmed", until="times")
    person.response = person.client.post(
        "/referral/times", data=b"\x00", content_type="multipart/form-data; boundary=", headers=SAME_ORIGIN_HEADERS
    )
    person.follow_redirects("/referral/times")
    assert_helpful_error_page(person, 400)


def test_a_person_over_the_rate_limit_keeps_their_text_and_can_still_leave(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.fill_in("harmed", until="times")
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 3)
    person.post("/referral/times", {"must_not": "Never ring", "token": person.hidden_value("token")})
    assert_helpful_error_page(person, 429)
    assert 'name="must_not" value="Never ring"' in person.text
    assert person.response.headers["Retry-After"] == "600"
    assert person.client.post("/referral/exit").status_code == 204


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


def test_many_referrals_from_one_office_are_all_accepted_but_marked(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MANY_REFERRALS_PER_HOUR", 1)
    for _ in range(3):
        person = Person(app)
        person.fill_in("responsible")
        person.send()
        assert person.path == "/referral/done"
    are_marked = [
        "many referrals came from the same connection" in " ".join(body_of(mail).split()) for mail in claim_emails(app)
    ]
    assert sorted(are_marked) == [False, True, True]


def test_an_unexpected_error_gets_a_helpful_500_page(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("form_service.web.views.start.draft_session", lambda: 1 / 0)
    person.get("/referral/")
    assert_helpful_error_page(person, 500)
    assert "not received" not in person.text, "opening a page sends nothing"


ANSWERS_KEPT_TEXT = "Your earlier answers have been kept"


@pytest.mark.parametrize("code", [413, 429, 500])
def test_error_pages_say_that_answers_are_kept_only_if_there_are_some(
    person: Person, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def error_page_text(path: str, token: str = "") -> str:
        fields = {"name": "Sam", "token": token or person.hidden_value("token")}
        with monkeypatch.context() as patch:
            if code == 413:
                fields["name"] = "x" * 270_000
            elif code == 429:
                patch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 0)
            else:
                for function in ("question_pages.merge_page", "start.begin_draft"):
                    patch.setattr(f"form_service.web.views.{function}", lambda *_: 1 / 0)
            person.post(path, fields)
        assert_helpful_error_page(person, code)
        return person.text.partition("<main")[2]

    person.get("/referral/")
    assert "answers have been kept" not in error_page_text("/referral/")
    person.start()
    assert "answers have been kept" not in error_page_text("/referral/who")
    person.fill_in("harmed", until="about")
    assert ANSWERS_KEPT_TEXT in error_page_text("/referral/about")
    person.fill_in("harmed")
    token = person.hidden_value("token")
    person.send()
    assert "answers have been kept" not in error_page_text("/referral/about", token), "it has been sent"


def test_an_error_page_after_start_does_not_mention_answers(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("form_service.web.views.start.begin_draft", lambda *_: 1 / 0)
    person.post("/referral/", {})
    assert_helpful_error_page(person, 500)
    for false_statement in ("not received", "answers have been kept", "What you typed"):
        assert false_statement not in person.text


def test_the_500_page_works_even_when_the_templates_are_broken(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("form_service.web.views.start.render_page", fail)
    monkeypatch.setattr("form_service.web.views.error_pages.render_page", fail)
    response = person.client.get("/referral/", headers={"Accept": "text/html"})
    assert response.status_code == 500
    assert "This is our fault, not yours. Please try again in a moment" in response.text
    urls = ("tel:01632960123", "sms:07700900123", "mailto:rj.team@example.org.uk", "/referral/exit")
    assert [url for url in urls if f'href="{url}"' not in response.text] == []
    for words in ("Leave this page", "Relay UK", '<meta name="viewport" content="width=device-width,initial-scale=1">'):
        assert words in response.text
    parse(response.text)


def test_pressing_start_without_the_store_gets_a_503_page(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "writing", raise_unavailable)
    person.post("/referral/", {})
    assert_helpful_error_page(person, 503)
    assert "Try again" in person.text
    assert "The form cannot start just now" in person.text
    for false_statement in ("We have not received this", "Your answers are still here", "What you typed"):
        assert false_statement not in person.text, "nothing was typed yet"


def test_a_client_that_does_not_accept_html_gets_plain_text(person: Person) -> None:
    response = person.client.get("/referral/nothing", headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert "01632 960123" in response.text


def test_no_url_on_a_page_is_made_from_the_host_header(person: Person) -> None:
    forged_headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Accept": "text/html"}
    for path in ("/referral", "/referral/", "/referral/who", "/referral/nothing"):
        response = person.client.get(path, headers=forged_headers)
        assert "evil.example" not in response.text + str(response.headers)
    person.fill_in("harmed")
    person.client.post("/referral/check", data=person.fields_to_send(), headers=SAME_ORIGIN_HEADERS)
    person.client.set_cookie(
        "draft", person.client.get_cookie("draft", path="/referral/").value, domain="evil.example", path="/referral/"
    )
    response = person.client.get("/referral/done", headers=forged_headers)
    assert "evil.example" not in response.text
    assert 'href="/referral/withdraw/' in response.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8443"])
def test_no_redirect_follows_the_host_header(person: Person, host: str) -> None:
    person.fill_in("harmed")
    cookie = person.client.get_cookie("draft", path="/referral/").value
    paths = ("referral", "referral/", "referral/who", "referral/done", "referral/begin", "referral/exit", "healthz")
    path_infos = [f"/{path}" for path in paths] + [f"//{path}" for path in paths]
    path_infos += [f"/{path}".replace("/", "//") for path in paths] + [f"/{path}/" for path in paths]
    for path_info in (*path_infos, "/referral///who", "/referral/./who", "/x/../referral/who"):
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            environ = EnvironBuilder(method=method, headers={"Cookie": f"draft={cookie}"}).get_environ()
            environ |= {"PATH_INFO": path_info, "HTTP_HOST": host}
            _, status, headers = run_wsgi_app(person.app.wsgi_app, environ)
            assert "evil.example" not in f"{headers}", f"{method} {path_info}: {status}"


def signature_header(secret: str = PROXY_SECRET, **claims: object) -> dict[str, str]:
    """Return the header with which Netlify signs a request: a JSON Web Token with `claims`."""
    return {"x-nf-sign": jwt.encode({"iss": "netlify", "exp": time.time() + 60} | claims, secret, "HS256")}


def test_with_a_proxy_secret_only_signed_requests_are_answered(make_app: MakeApp) -> None:
    person = Person(make_app(FORM_PROXY_SECRET=PROXY_SECRET))
    person.get("/referral/")
    assert_helpful_error_page(person, 403)
    client = person.client
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
