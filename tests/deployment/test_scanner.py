"""Tests that the scanner Wapiti finds no vulnerability in the site or the form."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.deployment import (
    NginxServer,
    flask_command,
    form_environment,
    install_program,
    nginx_in_front,
    running_program,
    wait_for_port,
)
from tests.support.form_client import ANSWERS_BY_ROUTE
from tests.support.visitor import Visitor
from tools.dev.ports import free_port

pytestmark = [pytest.mark.system, pytest.mark.soak]

# Wapiti 3.3 and later need Python 3.12.
WAPITI_REQUIREMENT = "wapiti3==3.2.3"
# Every module that attacks pages and works offline: none that downloads a product database, contacts an endpoint of
# Wapiti's makers or resolves names. TLS is scanned in test_production.py.
PASSIVE_MODULES = "cookieflags,crlf,csp,csrf,htaccess,http_headers,ldap,methods,redirect,shellshock,spring4shell,upload"
INJECTION_MODULES = (
    "exec,timesql",
    "file,permanentxss,sql,xss",
)  # these make most of the requests, so pages with many fields are scanned in two runs
ALL_MODULES = ",".join((PASSIVE_MODULES, *INJECTION_MODULES))
MISSING_CSRF_TOKEN = ("Cross Site Request Forgery", "POST", "Lack of anti CSRF token")
PROFESSIONAL_SLUGS = [slug for slug, _ in ANSWERS_BY_ROUTE["professional"]]
# One view handles every question page; these three contain every kind of question.
SLUGS_WITH_EVERY_QUESTION_TYPE = ("reach", "background", "you")
ACCEPTED_FINDINGS = {
    # There is no draft yet, and so no token. Requests from other sites are recognised by their headers and start no
    # draft: tests/integration/web/test_question_pages.py.
    (*MISSING_CSRF_TOKEN, "/referral/"),
    # The URL itself is the secret: it is signed, and only the person who sent the referral has it. Requests from other
    # sites are refused: tests/integration/web/test_leaving.py.
    (*MISSING_CSRF_TOKEN, "/referral/withdraw/…"),
}


@dataclass
class ScannedForm:
    """The site and the form behind nginx, with the scanner Wapiti."""

    nginx_server: NginxServer
    wapiti: Path
    project: Path
    environment: dict[str, str]

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.nginx_server.https_port}{path}"

    def scan(self, path: str, *options: str, modules: str = ALL_MODULES) -> dict[str, Any]:
        """Scan the site with Wapiti, beginning at `path`; return Wapiti's report.

        `options` are further options of Wapiti, such as one that limits the scan to the page at `path`.
        """
        folder = self.nginx_server.folder / f"scan-{free_port()}"
        report = folder / "report.json"
        # Use another client address for each scan: the form limits one address to 6,000 pages in ten minutes.
        client_header = f"X-Forwarded-For: 192.0.2.{len(list(self.nginx_server.folder.glob('scan-*'))) + 1}"
        command = [str(self.wapiti), "-u", self.url(path), "-m", modules, "--no-bugreport"]
        command += [
            "-f",
            "json",
            "-dr",
            "2",
            "-o",
            str(report),
            "-H",
            client_header,
            "-H",
            f"Host: {self.nginx_server.host}",
            "--max-attack-time",
            "60",
        ]
        command += ["--store-session", str(folder / "session"), "--store-config", str(folder / "config"), *options]
        folder.mkdir()
        completed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400)
        assert completed.returncode == 0 and report.exists(), completed.stdout[-2000:] + completed.stderr[-2000:]
        return json.loads(report.read_text())

    def cookie_options(self, route: str) -> list[str]:
        """Return Wapiti's options for sending the cookie of a person who has filled in the form but not sent it."""
        visitor = Visitor(self.url(""), self.nginx_server.host)
        visitor.fill_in(route)
        visitor.open("/referral/check")
        assert visitor.url.endswith("/referral/check"), visitor.text
        (cookie,) = visitor.cookies
        return ["-C", f"{cookie.name}={cookie.value}"]

    def exclusion_options(self, *slugs: str) -> list[str]:
        """Return Wapiti's options that exclude the form's pages with these slugs from the scan."""
        return [part for slug in slugs for part in ("-x", self.url(f"/referral/{slug}"))]

    def outbox_references(self) -> list[str]:
        """Return the references in the outbox, where all referrals stay, because no worker is running."""
        command = [*flask_command(), "outbox", "list", "--json"]
        env = self.environment
        completed = subprocess.run(
            command, cwd=self.nginx_server.folder, env=env, capture_output=True, text=True, timeout=60
        )
        assert completed.returncode == 0, completed.stdout + completed.stderr
        return [row["reference"] for row in json.loads(completed.stdout)]

    def status_counts(self) -> Counter[int]:
        """Return how many responses with each status are in nginx's log."""
        log = (self.nginx_server.folder / "front-door.log").read_text()
        return Counter(int(line.split()[1]) for line in log.splitlines())


@pytest.fixture(scope="module")
def wapiti(root: Path) -> Path:
    """Install the scanner Wapiti; return the path of its program."""
    return install_program(root, "wapiti", WAPITI_REQUIREMENT)


@pytest.fixture(scope="module")
def scanned_form(
    tmp_path_factory: pytest.TempPathFactory, live_project: Path, certificate: tuple[Path, Path], wapiti: Path
) -> Iterator[ScannedForm]:
    folder = tmp_path_factory.mktemp("scanned")
    form_port = free_port()
    settings = {"FORM_MAIL_FROM": "form@marlshire.internal", "FORM_TEAM_EMAIL": "team@marlshire.internal"}
    settings |= {"SERVICE_ENV": "production", "FORM_SMTP_URL": "smtp://127.0.0.1:1", "FORM_TRUSTED_PROXIES": "2"}
    env = form_environment(live_project, **settings)
    with running_program(*flask_command(), "serve", "--port", str(form_port), cwd=folder, env=env):
        wait_for_port(form_port, "the form")
        with nginx_in_front(
            folder, live_project / "site", certificate, form_port, root=live_project, rate_limit="rate=5000r/s"
        ) as nginx_server:
            form = ScannedForm(nginx_server, wapiti, live_project, env)
            yield form
            counts = form.status_counts()
            assert [status for status in counts if status >= 500 or status == 429] == [], counts
            assert nginx_server.request("/healthz").status == 200


def findings(report: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return the vulnerabilities and anomalies in Wapiti's report, except those in ACCEPTED_FINDINGS.

    Each is a tuple: category, HTTP method, explanation, and path. In a path, "…" replaces a withdrawal token.
    """
    all_findings = {
        (name, item["method"], item["info"], re.sub(r"(?<=/withdraw/).+", "…", item["path"]))
        for kind in ("vulnerabilities", "anomalies")
        for name, items in report[kind].items()
        for item in items
    }
    return sorted(all_findings - ACCEPTED_FINDINGS)


def crawled_pages(report: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the method and path of every page that the scanner found and attacked."""
    crawled_requests = (item["request"] for item in report["infos"]["crawled_pages"])
    return {(request["method"], "/" + request["url"].split("/", 3)[3].split("?")[0]) for request in crawled_requests}


def test_the_scanner_finds_nothing_on_the_site(scanned_form: ScannedForm) -> None:
    report = scanned_form.scan("/", "-x", scanned_form.url("/referral/*"))
    assert findings(report) == []
    assert len(crawled_pages(report)) > 25, crawled_pages(report)


def test_the_scanner_finds_nothing_on_the_pages_that_it_reaches_itself(scanned_form: ScannedForm) -> None:
    """The scanner gets its own cookie and goes as far as it can: to the page for people without consent to refer."""
    report = scanned_form.scan("/referral/", *scanned_form.exclusion_options("exit"))
    assert findings(report) == []
    expected_pages = {
        ("POST", "/referral/"),
        ("POST", "/referral/who"),
        ("POST", "/referral/consent"),
        ("GET", "/referral/not-yet"),
    }
    assert expected_pages <= crawled_pages(report)
    assert scanned_form.outbox_references() == []


def test_the_scanner_finds_nothing_at_the_exit_path(scanned_form: ScannedForm) -> None:
    report = scanned_form.scan("/referral/exit", "--scope", "url")
    assert findings(report) == []
    assert ("GET", "/referral/exit") in crawled_pages(report)


@pytest.mark.parametrize("modules", [PASSIVE_MODULES, *INJECTION_MODULES])
@pytest.mark.parametrize("slug", SLUGS_WITH_EVERY_QUESTION_TYPE)
def test_the_scanner_finds_nothing_on_a_question_page(scanned_form: ScannedForm, slug: str, modules: str) -> None:
    """The scanner uses the cookie of a person who has filled in the form, so that the page accepts its requests."""
    report = scanned_form.scan(
        f"/referral/{slug}", "--scope", "page", *scanned_form.cookie_options("professional"), modules=modules
    )
    assert findings(report) == []
    assert {("GET", f"/referral/{slug}"), ("POST", f"/referral/{slug}")} == crawled_pages(report)
    assert scanned_form.outbox_references() == []


@pytest.mark.parametrize("slug", PROFESSIONAL_SLUGS)
def test_the_scanner_finds_nothing_on_a_page_that_repeats_the_answers_sent_to_it(
    scanned_form: ScannedForm, slug: str
) -> None:
    """The form saves no answers that another site posts, but shows them again, so the scanner sees its own attacks."""
    cross_site_options = ("-H", "Sec-Fetch-Site: cross-site")
    options = ("--scope", "page", *cross_site_options, *scanned_form.cookie_options("professional"))
    report = scanned_form.scan(f"/referral/{slug}", *options, modules="xss")
    assert findings(report) == []
    assert ("POST", f"/referral/{slug}") in crawled_pages(report)


def test_the_scanner_finds_nothing_when_sending_and_sends_one_referral(scanned_form: ScannedForm) -> None:
    """However often the scanner sends the same form, only one referral is stored."""
    exclusion_options = scanned_form.exclusion_options(
        "", "exit", "withdraw/*", *(slug for slug, _ in ANSWERS_BY_ROUTE["harmed"])
    )
    report = scanned_form.scan(
        "/referral/",
        "-s",
        scanned_form.url("/referral/check"),
        *scanned_form.cookie_options("harmed"),
        *exclusion_options,
    )
    assert findings(report) == []
    assert {("POST", "/referral/check"), ("GET", "/referral/done")} <= crawled_pages(report)
    assert len(scanned_form.outbox_references()) == 1


@pytest.mark.parametrize("modules", [PASSIVE_MODULES, *INJECTION_MODULES])
def test_the_scanner_finds_nothing_on_the_withdrawal_page(scanned_form: ScannedForm, modules: str) -> None:
    original_references = scanned_form.outbox_references()
    visitor = Visitor(scanned_form.url(""), scanned_form.nginx_server.host)
    reference = visitor.send_referral()
    path = re.search(r"/referral/withdraw/[\w.-]+", visitor.text)
    assert path and reference in scanned_form.outbox_references()
    report = scanned_form.scan(path[0], "--scope", "page", modules=modules)
    assert findings(report) == []
    assert ("POST", path[0]) in crawled_pages(report)
    assert scanned_form.outbox_references() == original_references, (
        "the scanner pressed the button: nothing is left to be sent"
    )
