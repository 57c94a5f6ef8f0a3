"""Tests of the complete production set-up: a service without sample values behind nginx, over TLS."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deployment import (
    NginxServer,
    flask_command,
    form_environment,
    get,
    install_program,
    mailbox_command,
    nginx_in_front,
    running_program,
    wait_for_port,
)
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tools.dev.ports import free_port
from tools.editor import npm

pytestmark = pytest.mark.system

MAIL_SETTINGS = {"FORM_MAIL_FROM": "form@marlshire.internal", "FORM_TEAM_EMAIL": "team@marlshire.internal"}


@pytest.fixture(scope="module")
def nginx_server(
    tmp_path_factory: pytest.TempPathFactory, live_project: Path, certificate: tuple[Path, Path]
) -> Iterator[NginxServer]:
    """Run the web process, the worker and a mailbox behind nginx; yield the nginx server."""
    folder = tmp_path_factory.mktemp("production")
    form_port, smtp_port = free_port(), free_port()
    settings = {
        "SERVICE_ENV": "production",
        "FORM_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "FORM_TRUSTED_PROXIES": "1",
    }
    env = form_environment(live_project, **MAIL_SETTINGS, **settings)
    with (
        running_program(*mailbox_command(folder / "emails", smtp_port), cwd=folder),
        running_program(*flask_command(), "serve", "--port", str(form_port), cwd=folder, env=env),
        running_program(*flask_command(), "deliver", cwd=folder, env=env),
    ):
        wait_for_port(form_port, "the form")
        with nginx_in_front(folder, live_project / "site", certificate, form_port, root=live_project) as server:
            yield server


def test_a_referral_over_tls_is_confirmed_and_arrives(nginx_server: NginxServer) -> None:
    visitor = Visitor(f"https://127.0.0.1:{nginx_server.https_port}", nginx_server.host)
    reference = visitor.send_referral("professional")
    assert reference, visitor.text[:2000]
    (cookie,) = visitor.cookies
    assert cookie.secure and cookie.name.startswith("__Secure-") and cookie.path == "/referral/"
    mail_folder = nginx_server.folder / "emails" / "new"
    wait_until(lambda: any(reference in file.read_text() for file in mail_folder.iterdir()), "the team's email")
    assert nginx_server.request("/healthz").status == 200


def test_every_response_of_the_form_has_each_header_once(nginx_server: NginxServer) -> None:
    for path in ("/referral/", "/referral/who", "/referral/no-such-page", "/readyz"):
        pairs = nginx_server.request(path).header_pairs
        names = [name for name, _ in pairs]
        assert sorted(set(names)) == sorted(names), path
        assert {"content-security-policy", "strict-transport-security", "x-content-type-options"} <= set(names), path


def test_make_serve_sends_the_same_bytes_as_production(
    nginx_server: NginxServer, live_project: Path, tmp_path: Path
) -> None:
    project = tmp_path / "served"
    shutil.copytree(live_project, project, ignore=shutil.ignore_patterns("site", "__pycache__", "leaflets.json"))
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("FORM_", "SERVICE_", "MKDOCS_"))}
    env["PYTHONPATH"] = str(project)
    options = ("--port", str(port), "--mail-port", str(free_port()))
    with running_program(sys.executable, "-m", "tools.dev.serve", *options, cwd=project, env=env):
        wait_until(lambda: get(f"http://127.0.0.1:{port}/healthz")[0] == 200, "make serve answers", seconds=60)
        pages = sorted((live_project / "site").rglob("*.html"))
        paths = ["/" + re.sub(r"index\.html$", "", str(page.relative_to(live_project / "site"))) for page in pages]
        assert len(paths) > 15
        icons = ("/assets/icon.svg", "/referral/assets/icon.svg")
        for path in [*paths, "/no-such-page/", "/assets/exit.js", *icons]:
            assert nginx_server.request(path).body == get(f"http://127.0.0.1:{port}{path}")[1], path
        assert len({nginx_server.request(icon).body for icon in icons}) == 1
        nginx_visitor = Visitor(f"https://127.0.0.1:{nginx_server.https_port}", nginx_server.host)
        make_serve_visitor = Visitor(f"http://127.0.0.1:{port}")
        assert nginx_visitor.open("/referral/") == make_serve_visitor.open("/referral/")


def test_the_http_observatory_gives_its_best_grade(nginx_server: NginxServer, certificate: tuple[Path, Path]) -> None:
    """Run MDN's HTTP Observatory on the site and the form, without access to the internet."""
    program_folder = npm.install(Path(__file__).parent / "observatory", "observatory")
    for path in ("/", "/referral/"):
        result = _observatory_result(program_folder, nginx_server, path, certificate[0])
        assert (result["grade"], result["score"] >= 125) == ("A+", True), json.dumps(result, indent=1)[:3000]


def _observatory_result(folder: Path, nginx_server: NginxServer, path: str, certificate: Path) -> dict:
    env = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(certificate)}
    command = [
        "node",
        "observe.mjs",
        nginx_server.host,
        str(nginx_server.http_port),
        str(nginx_server.https_port),
        path,
    ]
    completed = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert completed.returncode == 0, completed.stderr[-2000:]
    return json.loads(completed.stdout)


def test_csp_evaluator_reports_no_serious_finding_in_the_content_policy(nginx_server: NginxServer) -> None:
    folder = npm.install(Path(__file__).parent / "observatory", "observatory")
    for path in ("/", "/referral/", "/referral/no-such-page"):
        policy = nginx_server.request(path).headers["content-security-policy"]
        completed = subprocess.run(
            ["node", "policy.mjs", policy], cwd=folder, capture_output=True, text=True, timeout=30
        )
        assert completed.returncode == 0, completed.stderr
        serious_findings = [finding for finding in json.loads(completed.stdout) if finding["severity"] < 50]
        assert serious_findings == []
        assert all(
            finding["value"] == "'self'" for finding in json.loads(completed.stdout) if finding["severity"] == 50
        )


@pytest.mark.soak
def test_a_tls_scanner_objects_only_to_the_self_signed_certificate(nginx_server: NginxServer, root: Path) -> None:
    """Run sslyze with Mozilla's intermediate profile, but accept that the certificate is self-signed."""
    report = nginx_server.folder / "sslyze.json"
    command = [
        install_program(root, "sslyze", "sslyze==6.3.1"),
        "--mozilla_config=intermediate",
        f"--json_out={report}",
    ]
    target = f"{nginx_server.host}:{nginx_server.https_port}{{127.0.0.1}}"
    completed = subprocess.run([*command, target], capture_output=True, text=True, timeout=300)
    verdict = completed.stdout.partition("COMPLIANCE AGAINST")[2]
    findings = re.findall(r"^\s+\* ([\w ]+): (.*)$", verdict, re.MULTILINE)
    assert verdict and [finding for finding in findings if "path validation" not in finding[1].lower()] == [], verdict
