"""Signing in requires a link emailed to an editor, and does not disclose which addresses belong to editors."""

import time
from pathlib import Path

import pytest
from flask import Flask

from form_service.config.settings import SettingsError
from tests.support.hosted_editor import HOST, ORIGIN, Colleague, MonotonicClock, make_hosting_settings
from tests.support.mail_server import MailServer
from tests.support.waiting import wait_until
from tools.editor.app import create_app
from tools.editor.guard import PUBLIC_ENDPOINTS, SESSION_COOKIE_NAME
from tools.editor.hosting import HostingSettings
from tools.editor.project import Project
from tools.editor.sign_in import SignIn
from tools.editor.workspace import ScratchCopy


@pytest.fixture
def app(tmp_path: Path, mail_server: MailServer, clock: MonotonicClock) -> Flask:
    (tmp_path / "editor.js").write_text("the browser side")
    scratch_copy = ScratchCopy(Project(tmp_path))
    return create_app(scratch_copy, tmp_path / "editor.js", {ORIGIN}, SignIn(make_hosting_settings(mail_server), clock))


@pytest.fixture
def amina(app: Flask, mail_server: MailServer) -> Colleague:
    return Colleague(app, mail_server)


def test_a_link_can_be_used_once_and_signs_in_only_that_browser(amina: Colleague, app: Flask) -> None:
    assert amina.get("/").headers["Location"] == "/sign-in"
    link = amina.request_link()
    response = amina.post(link)
    assert (response.status, response.headers["Location"]) == (303, "/")
    cookie = response.headers["Set-Cookie"]
    for part in (f"{SESSION_COOKIE_NAME}=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"):
        assert part in cookie
    assert amina.email in amina.get("/").text
    stranger = Colleague(app, amina.mail_server)
    assert stranger.post(link).status == 404
    assert stranger.get("/").status == 303


def test_an_address_pasted_with_invisible_characters_gets_its_link(amina: Colleague) -> None:
    amina.submit_sign_in_form("\u2068\u200bAmina@example.org.uk\u2069 \ufe0f")
    wait_until(lambda: bool(amina.emailed_links()), "the email with the link")


def test_mail_scanners_that_open_the_link_do_not_use_it_up(amina: Colleague) -> None:
    link = amina.request_link()
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        amina.browser.open(link, method=method, base_url=ORIGIN, headers={"Origin": ORIGIN})
    assert amina.get("/").status == 303, "nobody is signed in by opening the link"
    assert "Sign in" in amina.get(link).text and amina.email in amina.get(link).text
    assert amina.post(link).status == 303


def test_a_link_expires_after_15_minutes_and_a_session_after_12_hours(amina: Colleague, clock: MonotonicClock) -> None:
    link = amina.request_link()
    clock.now += 15 * 60 + 1
    assert amina.get(link).status == amina.post(link).status == 404
    assert "has expired" in amina.post(link).text
    amina.sign_in()
    clock.now += 12 * 3600 - 1
    assert amina.get("/editor.js").status == 200
    clock.now += 2
    assert amina.get("/editor.js").status == 401


def test_signing_out_also_ends_the_session_for_a_copied_cookie(amina: Colleague, app: Flask) -> None:
    amina.sign_in()
    cookie = amina.browser.get_cookie(SESSION_COOKIE_NAME, HOST)
    assert cookie
    assert amina.post("/sign-out").headers["Location"] == "/sign-in"
    assert amina.get("/").status == 303
    cookie_thief = Colleague(app, amina.mail_server)
    cookie_thief.browser.set_cookie(SESSION_COOKIE_NAME, cookie.value, domain=HOST)
    assert cookie_thief.get("/editor.js").status == 401


def test_the_sign_in_page_does_not_disclose_who_may_edit(app: Flask, mail_server: MailServer) -> None:
    visitor = Colleague(app, mail_server)
    responses = {
        email: visitor.submit_sign_in_form(email)
        for email in ("amina@example.org.uk", "nobody@example.org.uk", "", "x" * 9000)
    }
    assert len({(response.status, response.text, str(response.headers)) for response in responses.values()}) == 1
    wait_until(lambda: mail_server.received_emails, "the email to Amina")
    visitor.submit_sign_in_form("BEN@example.org.uk ")
    wait_until(lambda: len(mail_server.received_emails) == 2, "the email to Ben, whose address was typed in capitals")
    assert [mail.recipient for mail in mail_server.received_emails] == ["amina@example.org.uk", "ben@example.org.uk"]


def test_the_sign_in_page_responds_without_waiting_for_the_mail_server(app: Flask, mail_server: MailServer) -> None:
    mail_server.behaviour.faults["greeting"] = "hang"
    started_at = time.monotonic()
    assert Colleague(app, mail_server).submit_sign_in_form().status == 200
    assert time.monotonic() - started_at < 5, "the response time would disclose whose address may edit"


def test_repeated_requests_do_not_flood_a_mailbox_and_a_later_one_works(
    amina: Colleague, mail_server: MailServer, clock: MonotonicClock
) -> None:
    links = [amina.request_link() for _ in range(3)]
    for _ in range(5):
        assert amina.submit_sign_in_form().status == 200
    assert len(set(links)) == 3
    assert amina.get(links[0]).status == 200, "the first links still work"
    clock.now += 15 * 60 + 1
    amina.request_link()
    assert len(mail_server.received_emails) == 4


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://edit.example.org.uk"])
def test_requests_without_the_editors_origin_are_refused_and_do_not_use_up_a_link(
    amina: Colleague, origin: str
) -> None:
    link = amina.request_link()
    for path in (link, "/sign-in", "/sign-out", "/api/publish"):
        assert amina.post(path, origin=origin).status == 403, path
    assert amina.get("/sign-in", headers={"Host": "evil.example"}).status == 403
    assert amina.post(link).status == 303, "the link was not used up"


def test_every_path_except_those_for_signing_in_needs_a_session(app: Flask, mail_server: MailServer) -> None:
    visitor = Colleague(app, mail_server)
    visitor.browser.set_cookie(SESSION_COOKIE_NAME, "forged", domain=HOST)
    protected_rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in (*PUBLIC_ENDPOINTS, "index")]
    assert len(protected_rules) > 15
    for rule in protected_rules:
        values = {name: 1 if name == "number" else "x" for name in rule.arguments}
        path = app.url_map.bind(HOST).build(rule.endpoint, values)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            response = visitor.browser.open(path, method=method, base_url=ORIGIN, headers={"Origin": ORIGIN})
            assert response.status_code == 401, (method, path)
            assert "sign in again" in response.get_json()["error"]


def test_no_page_of_the_editor_allows_inline_scripts_or_framing(amina: Colleague) -> None:
    amina.sign_in()
    for path in ("/", "/sign-in", "/sign-in/ended"):
        policy = amina.get(path).headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy


ENVIRONMENT = {
    "EDITOR_HOST": "edit.example.org.uk",
    "EDITOR_EMAILS": "amina@example.org.uk",
    "FORM_SMTP_URL": "smtps://smtp.example.org.uk",
    "FORM_MAIL_FROM": "site@example.org.uk",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EDITOR_HOST", "https://edit.example.org.uk/"),
        ("EDITOR_HOST", "edit.example.org.uk:8010"),
        ("EDITOR_EMAILS", ""),
        ("EDITOR_EMAILS", "amina at example.org.uk"),
        ("EDITOR_EMAILS", "Amina Khan"),
        ("FORM_SMTP_URL", ""),
        ("FORM_SMTP_URL", "smtp.example.org.uk"),
        ("FORM_SMTP_CA_FILE", "/nowhere.pem"),
        ("FORM_MAIL_FROM", ""),
        ("FORM_MAIL_FROM", "site"),
        ("EDITOR_EMAILS", "amina\u200b@example.org.uk"),
        ("EDITOR_EMAILS", '"amina@example.org.uk"'),
        ("FORM_SMTP_URL", "smtps://form:pa$word@smtp.example.org.uk"),
    ],
)
def test_the_error_for_a_wrong_setting_names_it_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as excinfo:
        HostingSettings.from_environment({**ENVIRONMENT, name: value})
    assert str(excinfo.value.message).startswith(f"{name} ") and "\n" not in str(excinfo.value.message)


def test_editor_settings_saved_on_windows_are_read_correctly() -> None:
    environment = {name: f"{value}\r" for name, value in ENVIRONMENT.items()}
    environment["\ufeffEDITOR_HOST"] = environment.pop("EDITOR_HOST")
    hosting_settings = HostingSettings.from_environment(environment)
    assert (
        hosting_settings
        and hosting_settings.host == ENVIRONMENT["EDITOR_HOST"]
        and list(hosting_settings.editors) == [ENVIRONMENT["EDITOR_EMAILS"]]
    )


def test_without_a_host_name_the_editor_serves_this_machine_only() -> None:
    assert HostingSettings.from_environment({"EDITOR_EMAILS": "amina@example.org.uk"}) is None


def test_an_editor_has_the_configured_name_or_else_the_start_of_the_email_address() -> None:
    hosting_settings = HostingSettings.from_environment(
        {**ENVIRONMENT, "EDITOR_EMAILS": "Amina Khan <amina@example.org.uk>, ben@example.org.uk"}
    )
    assert hosting_settings and [editor.name for editor in hosting_settings.editors.values()] == ["Amina Khan", "ben"]
