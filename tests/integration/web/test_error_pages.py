"""Every error is shown on a page with plain words, ways to reach the team and a way to leave."""

import time
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from form_service.referral.questions import PAGES, Page
from form_service.store import Store, StoreUnavailable
from form_service.web import rate_limits
from form_service.web.rate_limits import MAX_BODY_BYTES
from form_service.web.server import WAITRESS_MAX_BODY_BYTES
from tests.support.form_fixtures import MakeApp
from tests.support.live_form import as_published
from tests.support.page_checks import check_page, parse
from tests.support.person import AS_OUR_PAGE, Person, mails
from tests.support.team_email import body_of

SECRET = "a proxy's secret of more than 32 characters"


def assert_is_kind(person: Person, code: int) -> None:
    """Check that the error page shows ways of contact with and without speaking, and a way to leave."""
    assert person.page.status_code == code, person.text
    assert person.page.mimetype == "text/html"
    for words in ("01632 960123", "07700 900123", "rj.team@example.org.uk", "Relay UK", "Leave this page"):
        assert words in person.text
    assert person.page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in person.page.headers["Content-Security-Policy"]


def test_404(person: Person) -> None:
    for address in ("/referral/nothing", "/nothing", "/referral/withdraw/", "/referral/assets/nothing.js"):
        person.get(address)
        assert_is_kind(person, 404)


def test_405(person: Person) -> None:
    person.page = person.client.put("/referral/", headers=AS_OUR_PAGE)
    person.follow_redirects("/referral/")
    assert_is_kind(person, 405)
    assert "POST" in person.page.headers["Allow"]


def test_413_says_what_to_do(person: Person) -> None:
    person.walk("harmed", until="times")
    person.post("/referral/times", {"must_not": "x" * 270_000, "token": person.hidden("token")})
    assert_is_kind(person, 413)
    for words in (
        "Press your browser’s Back button",
        "Shorten it",
        "contact us another way",
        "earlier answers are kept",
    ):
        assert words in person.text


def test_413_before_the_form_has_begun_is_a_page_of_the_site(person: Person) -> None:
    person.post("/referral/", {"language": "x" * 270_000})
    assert_is_kind(person, 413)


def test_the_fullest_page_stays_far_below_the_limit(app: Flask) -> None:
    def most(page: Page) -> int:
        # A character outside the BMP takes the most room: four bytes in UTF-8, each percent-encoded as three.
        fields = {
            question.name: "\U0001f600" * question.max_length for question in page.questions if not question.choices
        }
        chosen = [(question.name, choice.value) for question in page.questions for choice in question.choices]
        return len(urlencode([*fields.items(), *chosen]))

    largest = max(map(most, PAGES))
    assert largest * 10 < MAX_BODY_BYTES == app.config["MAX_CONTENT_LENGTH"]
    nginx = (Path(__file__).parents[3] / "deploy/nginx/front-door.conf").read_text()
    for name in ("client_max_body_size", "client_body_buffer_size"):
        assert f"{name} {2 * MAX_BODY_BYTES // 1024}k;" in nginx
    assert WAITRESS_MAX_BODY_BYTES == 2 * MAX_BODY_BYTES


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml"])
def test_415(person: Person, kind: str) -> None:
    person.page = person.client.post("/referral/who", data=b"{}", content_type=kind, headers=AS_OUR_PAGE)
    person.follow_redirects("/referral/who")
    assert_is_kind(person, 415)
    assert "sent the page in a way that we cannot read" in person.text


def test_400_for_a_body_that_cannot_be_read(person: Person) -> None:
    person.walk("harmed", until="times")
    person.page = person.client.post(
        "/referral/times", data=b"\x00", content_type="multipart/form-data; boundary=", headers=AS_OUR_PAGE
    )
    person.follow_redirects("/referral/times")
    assert_is_kind(person, 400)


def test_429_keeps_what_was_typed_and_lets_leave(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.walk("harmed", until="times")
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 3)
    person.post("/referral/times", {"must_not": "Never ring", "token": person.hidden("token")})
    assert_is_kind(person, 429)
    assert 'name="must_not" value="Never ring"' in person.text
    assert person.page.headers["Retry-After"] == "600"
    assert person.client.post("/referral/exit").status_code == 204


def test_a_limit_on_one_client_delays_nobody_else(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 3)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        client = app.test_client()
        codes = [client.post("/referral/", environ_base={"REMOTE_ADDR": address}).status_code for _ in range(4)]
        assert codes == [303, 303, 303, 429]


def test_behind_a_proxy_each_client_is_counted_alone_and_nobody_can_pretend(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 3)
    client = make_app(FORM_TRUSTED_PROXIES="1").test_client()

    def codes(forwarded: str) -> list[int]:
        return [client.post("/referral/", headers={"X-Forwarded-For": forwarded}).status_code for _ in range(4)]

    assert codes("192.0.2.1") == [303, 303, 303, 429]
    assert codes("192.0.2.2") == [303, 303, 303, 429]
    assert codes("192.0.2.9, 192.0.2.2")[0] == 429


def test_many_referrals_of_one_office_are_marked_and_all_accepted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MANY_REFERRALS_PER_HOUR", 1)
    for _ in range(3):
        person = Person(app)
        person.walk("responsible")
        person.send()
        assert person.at == "/referral/done"
    marked = ["many referrals came from the same connection" in " ".join(body_of(mail).split()) for mail in mails(app)]
    assert sorted(marked) == [False, True, True]


def test_500(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("form_service.web.views.start.draft_session", lambda: 1 / 0)
    person.get("/referral/")
    assert_is_kind(person, 500)
    assert "not received" not in person.text, "a page that was only looked at sent nothing"


KEPT = "Your earlier answers are kept"


@pytest.mark.parametrize("code", [413, 429, 500])
def test_earlier_answers_are_called_kept_only_where_there_are_some(
    person: Person, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fail(address: str, token: str = "") -> str:
        fields = {"name": "Sam", "token": token or person.hidden("token")}
        with monkeypatch.context() as failing:
            if code == 413:
                fields["name"] = "x" * 270_000
            elif code == 429:
                failing.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 0)
            else:
                for place in ("question_pages.merge_page", "start.begin_draft"):
                    failing.setattr(f"form_service.web.views.{place}", lambda *_: 1 / 0)
            person.post(address, fields)
        assert_is_kind(person, code)
        return person.text.partition("<main")[2]

    person.get("/referral/")
    assert "answers are kept" not in fail("/referral/")
    person.start()
    assert "answers are kept" not in fail("/referral/who")
    person.walk("harmed", until="about")
    assert KEPT in fail("/referral/about")
    person.walk("harmed")
    token = person.hidden("token")
    person.send()
    assert "answers are kept" not in fail("/referral/about", token), "it has been sent"


def test_a_start_that_fails_says_nothing_of_what_was_sent(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("form_service.web.views.start.begin_draft", lambda *_: 1 / 0)
    person.post("/referral/", {})
    assert_is_kind(person, 500)
    for untrue in ("not received", "answers are kept", "What you typed"):
        assert untrue not in person.text


def test_500_even_when_the_templates_are_broken(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("form_service.web.views.start.render_page", broken)
    monkeypatch.setattr("form_service.web.views.error_pages.render_page", broken)
    page = person.client.get("/referral/", headers={"Accept": "text/html"})
    assert page.status_code == 500
    assert "This is our fault, not yours. Please try again in a moment" in page.text
    links = ("tel:01632960123", "sms:07700900123", "mailto:rj.team@example.org.uk", "/referral/exit")
    assert [link for link in links if f'href="{link}"' not in page.text] == []
    for words in ("Leave this page", "Relay UK", '<meta name="viewport" content="width=device-width,initial-scale=1">'):
        assert words in page.text
    parse(page.text)


def test_503_when_the_store_is_gone(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(Store, "writing", gone)
    person.post("/referral/", {})
    assert_is_kind(person, 503)
    assert "Try again" in person.text
    assert "The form cannot start just now" in person.text
    for untrue in ("We have not received this", "Your answers are still here", "What you typed"):
        assert untrue not in person.text, "nothing was typed yet"


def test_a_client_that_does_not_accept_html_gets_plain_text(person: Person) -> None:
    page = person.client.get("/referral/nothing", headers={"Accept": "application/json"})
    assert (page.status_code, page.mimetype) == (404, "text/plain")
    assert "01632 960123" in page.text


def test_no_address_is_made_from_the_host_header(person: Person) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Accept": "text/html"}
    for address in ("/referral", "/referral/", "/referral/who", "/referral/nothing"):
        page = person.client.get(address, headers=evil)
        assert "evil.example" not in page.text + str(page.headers)
    person.walk("harmed")
    person.client.post("/referral/check", data=person.sending(), headers=AS_OUR_PAGE)
    person.client.set_cookie(
        "draft", person.client.get_cookie("draft", path="/referral/").value, domain="evil.example", path="/referral/"
    )
    page = person.client.get("/referral/done", headers=evil)
    assert "evil.example" not in page.text
    assert 'href="/referral/withdraw/' in page.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8443"])
def test_no_redirect_follows_the_host_header(person: Person, host: str) -> None:
    person.walk("harmed")
    cookie = person.client.get_cookie("draft", path="/referral/").value
    places = ("referral", "referral/", "referral/who", "referral/done", "referral/begin", "referral/exit", "healthz")
    addresses = [f"/{place}" for place in places] + [f"//{place}" for place in places]
    addresses += [f"/{place}".replace("/", "//") for place in places] + [f"/{place}/" for place in places]
    for address in (*addresses, "/referral///who", "/referral/./who", "/x/../referral/who"):
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            environ = EnvironBuilder(method=method, headers={"Cookie": f"draft={cookie}"}).get_environ()
            environ |= {"PATH_INFO": address, "HTTP_HOST": host}
            _, status, headers = run_wsgi_app(person.app.wsgi_app, environ)
            assert "evil.example" not in f"{headers}", f"{method} {address}: {status}"


def signed(secret: str = SECRET, **claims: object) -> dict[str, str]:
    """Return the signature header that the hosting proxy (Netlify) adds to its requests."""
    return {"x-nf-sign": jwt.encode({"iss": "netlify", "exp": time.time() + 60} | claims, secret, "HS256")}


def test_with_a_proxy_secret_only_what_the_proxy_signed_is_answered(make_app: MakeApp) -> None:
    person = Person(make_app(FORM_PROXY_SECRET=SECRET))
    person.get("/referral/")
    assert_is_kind(person, 403)
    client = person.client
    assert client.get("/referral/", headers=signed()).status_code == 200
    unsigned = jwt.encode({"iss": "netlify", "exp": time.time() + 60}, "", "none")
    for bad in (
        signed("another secret of more than 32 characters"),
        signed(iss="elsewhere"),
        signed(exp=time.time() - 3600),
        {"x-nf-sign": unsigned},
        {"x-nf-sign": jwt.encode({"iss": "netlify"}, SECRET, "HS256")},
    ):
        assert client.get("/referral/", headers=bad).status_code == 403
    assert client.get("/healthz").status_code == 200


def test_start_under_another_name_says_where_the_form_starts(app: Flask) -> None:
    """Browsers without Sec-Fetch-Site (Safari until 2023) send only the Origin header, here with an alias."""
    client = as_published(app, "https://www.bbc.co.uk/weather").test_client()
    headers = {"Origin": "https://www.alias.example", "Accept": "text/html"}
    answer = client.post("/referral/", headers=headers, base_url="https://www.alias.example")
    check_page(answer.text)
    assert "the form did not start" in answer.text
    assert 'href="https://restorative.example.org.uk/referral/"' in answer.text
    assert "Set-Cookie" not in answer.headers and "alias.example" not in answer.text
    assert "the form did not start" not in client.get("/referral/").text
