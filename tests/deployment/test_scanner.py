"""Scan site and form, in the production set-up, with Wapiti, a vulnerability scanner for web applications."""

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
    is_listening,
    nginx_in_front,
    running_program,
    wait_for,
)
from tests.support.person import ANSWERS_BY_ROUTE
from tests.support.visitor import Visitor
from tools.dev.ports import free_port

pytestmark = [pytest.mark.system, pytest.mark.soak]

# Wapiti 3.3 and later need Python 3.12.
WAPITI = "wapiti3==3.2.3"
# Every module that attacks pages and works offline: none that downloads a product database, contacts an endpoint of
# Wapiti's makers or resolves names. TLS is scanned in test_production.py.
PASSIVE_MODULES = "cookieflags,crlf,csp,csrf,htaccess,http_headers,ldap,methods,redirect,shellshock,spring4shell,upload"
INJECTION_MODULES = (
    "exec,timesql",
    "file,permanentxss,sql,xss",
)  # these make most of the requests, so pages with many fields are scanned in two runs
ALL_MODULES = ",".join((PASSIVE_MODULES, *INJECTION_MODULES))
NO_TOKEN = ("Cross Site Request Forgery", "POST", "Lack of anti CSRF token")
SLUGS = [slug for slug, _ in ANSWERS_BY_ROUTE["professional"]]
# One view handles every question page; these three contain every kind of question.
EVERY_KIND = ("reach", "background", "you")
ACCEPTED_FINDINGS = {
    # There is no draft yet, and so no token. Requests from other sites are recognised by their headers and start no
    # draft: tests/integration/web/test_question_pages.py.
    (*NO_TOKEN, "/referral/"),
    # The URL itself is the secret: it is signed, and only the person who sent the referral has it. Requests from other
    # sites are refused: tests/integration/web/test_leaving.py.
    (*NO_TOKEN, "/referral/withdraw/…"),
}


@dataclass
class ScannedForm:
    """Site and form behind nginx, and the scanner."""

    front: NginxServer
    wapiti: Path
    project: Path
    environment: dict[str, str]

    def address(self, path: str) -> str:
        return f"https://127.0.0.1:{self.front.https_port}{path}"

    def scan(self, path: str, *options: str, modules: str = ALL_MODULES) -> dict[str, Any]:
        """Scan all pages below `path`; return Wapiti's report."""
        folder = self.front.folder / f"scan-{free_port()}"
        report = folder / "report.json"
        # Use another client address for each scan: the form limits one address to 6,000 pages in ten minutes.
        client = f"X-Forwarded-For: 192.0.2.{len(list(self.front.folder.glob('scan-*'))) + 1}"
        command = [str(self.wapiti), "-u", self.address(path), "-m", modules, "--no-bugreport"]
        command += [
            "-f",
            "json",
            "-dr",
            "2",
            "-o",
            str(report),
            "-H",
            client,
            "-H",
            f"Host: {self.front.host}",
            "--max-attack-time",
            "60",
        ]
        command += ["--store-session", str(folder / "session"), "--store-config", str(folder / "config"), *options]
        folder.mkdir()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400)
        assert done.returncode == 0 and report.exists(), done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(report.read_text())

    def walked(self, route: str) -> list[str]:
        """Return options that give the scanner the cookie of a person who has filled in the form but not sent it."""
        visitor = Visitor(self.address(""), self.front.host)
        visitor.fill_in(route)
        visitor.open("/referral/check")
        assert visitor.url.endswith("/referral/check"), visitor.text
        (cookie,) = visitor.cookies
        return ["-C", f"{cookie.name}={cookie.value}"]

    def without(self, *pages: str) -> list[str]:
        """Return options that exclude these pages of the form from the scan."""
        return [part for page in pages for part in ("-x", self.address(f"/referral/{page}"))]

    def outbox(self) -> list[str]:
        """Return the references in the outbox, which nothing leaves, because no worker runs."""
        command = [*flask_command(self.project), "outbox", "list", "--json"]
        env = self.environment
        done = subprocess.run(command, cwd=self.front.folder, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return [row["reference"] for row in json.loads(done.stdout)]

    def statuses(self) -> Counter[int]:
        """Count the responses in nginx's log by status."""
        log = (self.front.folder / "front-door.log").read_text()
        return Counter(int(line.split()[1]) for line in log.splitlines())


@pytest.fixture(scope="module")
def wapiti(root: Path) -> Path:
    """Return the path of the scanner's program."""
    return install_program(root, "wapiti", WAPITI)


@pytest.fixture(scope="module")
def scanned(
    tmp_path_factory: pytest.TempPathFactory, live_project: Path, certificate: tuple[Path, Path], wapiti: Path
) -> Iterator[ScannedForm]:
    folder = tmp_path_factory.mktemp("scanned")
    form = free_port()
    settings = {"FORM_MAIL_FROM": "form@marlshire.internal", "FORM_TEAM_EMAIL": "team@marlshire.internal"}
    settings |= {"SERVICE_ENV": "production", "FORM_SMTP_URL": "smtp://127.0.0.1:1", "FORM_TRUSTED_PROXIES": "2"}
    env = form_environment(live_project, **settings)
    with running_program(*flask_command(live_project), "serve", "--port", str(form), cwd=folder, env=env):
        wait_for("the form answers", lambda: is_listening(form))
        with nginx_in_front(
            folder, live_project / "site", certificate, form, root=live_project, rate="rate=5000r/s"
        ) as front:
            scanned = ScannedForm(front, wapiti, live_project, env)
            yield scanned
            seen = scanned.statuses()
            assert [status for status in seen if status >= 500 or status == 429] == [], seen
            assert front.request("/healthz").status == 200


def findings(report: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return every vulnerability and anomaly (a 500, no answer) that is not among ACCEPTED_FINDINGS."""
    found = {
        (name, item["method"], item["info"], re.sub(r"(?<=/withdraw/).+", "…", item["path"]))
        for kind in ("vulnerabilities", "anomalies")
        for name, all_of_it in report[kind].items()
        for item in all_of_it
    }
    return sorted(found - ACCEPTED_FINDINGS)


def crawled(report: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the method and path of every page that the scanner found and attacked."""
    pages = (item["request"] for item in report["infos"]["crawled_pages"])
    return {(page["method"], "/" + page["url"].split("/", 3)[3].split("?")[0]) for page in pages}


def test_the_scanner_finds_nothing_on_the_site(scanned: ScannedForm) -> None:
    report = scanned.scan("/", "-x", scanned.address("/referral/*"))
    assert findings(report) == []
    assert len(crawled(report)) > 25, crawled(report)


def test_the_scanner_finds_nothing_on_the_form_as_it_finds_its_way(scanned: ScannedForm) -> None:
    """The scanner gets its own cookie and goes as far as it can: to the page for people without consent to refer."""
    report = scanned.scan("/referral/", *scanned.without("exit"))
    assert findings(report) == []
    found = {
        ("POST", "/referral/"),
        ("POST", "/referral/who"),
        ("POST", "/referral/consent"),
        ("GET", "/referral/not-yet"),
    }
    assert found <= crawled(report)
    assert scanned.outbox() == []


def test_the_scanner_finds_nothing_on_the_exit(scanned: ScannedForm) -> None:
    report = scanned.scan("/referral/exit", "--scope", "url")
    assert findings(report) == []
    assert ("GET", "/referral/exit") in crawled(report)


@pytest.mark.parametrize("modules", [PASSIVE_MODULES, *INJECTION_MODULES])
@pytest.mark.parametrize("slug", EVERY_KIND)
def test_the_scanner_finds_nothing_on_a_question_page(scanned: ScannedForm, slug: str, modules: str) -> None:
    """The page belongs to a filled-in form and has a valid token."""
    report = scanned.scan(f"/referral/{slug}", "--scope", "page", *scanned.walked("professional"), modules=modules)
    assert findings(report) == []
    assert {("GET", f"/referral/{slug}"), ("POST", f"/referral/{slug}")} == crawled(report)
    assert scanned.outbox() == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_scanner_finds_nothing_in_what_a_page_says_back(scanned: ScannedForm, slug: str) -> None:
    """Send the answers as another site would: the form shows them again without saving, so each attempt is visible."""
    elsewhere = ("-H", "Sec-Fetch-Site: cross-site")
    options = ("--scope", "page", *elsewhere, *scanned.walked("professional"))
    report = scanned.scan(f"/referral/{slug}", *options, modules="xss")
    assert findings(report) == []
    assert ("POST", f"/referral/{slug}") in crawled(report)


def test_the_scanner_finds_nothing_where_a_form_is_sent_and_sends_it_once(scanned: ScannedForm) -> None:
    """The scanner sends the same form repeatedly, which must make only one referral."""
    kept_out = scanned.without("", "exit", "withdraw/*", *(slug for slug, _ in ANSWERS_BY_ROUTE["harmed"]))
    report = scanned.scan("/referral/", "-s", scanned.address("/referral/check"), *scanned.walked("harmed"), *kept_out)
    assert findings(report) == []
    assert {("POST", "/referral/check"), ("GET", "/referral/done")} <= crawled(report)
    assert len(scanned.outbox()) == 1


def test_the_scanner_finds_nothing_on_the_withdrawal_page(scanned: ScannedForm) -> None:
    original = scanned.outbox()
    visitor = Visitor(scanned.address(""), scanned.front.host)
    reference = visitor.send_referral()
    address = re.search(r"/referral/withdraw/[\w.-]+", visitor.text)
    assert address and reference in scanned.outbox()
    report = scanned.scan(address[0], "--scope", "page")
    assert findings(report) == []
    assert ("POST", address[0]) in crawled(report)
    assert scanned.outbox() == original, "the scanner pressed the button: nothing is left to be sent"
