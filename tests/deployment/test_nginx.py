"""Tests of the responses that browsers get from nginx with the project's own configuration."""

import gzip
import re
import shutil
from collections import Counter
from pathlib import Path

import brotli
import pytest

from tests.support import project_copy
from tests.support.deployment import NginxServer, nginx_in_front, running_nginx_server
from tests.support.upstream import REQUIRED_HEADERS
from tests.support.visitor import inline_style_is_allowed
from tests.support.waiting import wait_until
from tools.dev.ports import free_port
from tools.publish import nginx

pytestmark = pytest.mark.system

LIVE_HOST = "marlshire.internal"


CHECKED_PATHS = ["/", "/support/", "/no-such-page/", "/assets/exit.js", "/referral/", "/referral/503", "/referral/dies"]


@pytest.mark.parametrize("path", CHECKED_PATHS)
def test_every_response_has_each_header_exactly_once(nginx_server: NginxServer, path: str) -> None:
    response = nginx_server.request(path)
    counts = Counter(name for name, _ in response.header_pairs)
    assert [name for name in REQUIRED_HEADERS if counts[name] != 1] == []
    assert [name for name, count in counts.items() if count > 1] == []


def test_headers_that_the_form_sends_are_left_unchanged(nginx_server: NginxServer) -> None:
    response = nginx_server.request("/referral/own-policy")
    assert response.headers["content-security-policy"] == "default-src 'none'"
    assert response.headers["cache-control"] == "no-store"
    # Without includeSubDomains, because somebody else may run the subdomains.
    assert response.headers["strict-transport-security"] == "max-age=31536000"


def test_browsers_revalidate_pages_and_cache_assets(nginx_server: NginxServer) -> None:
    assert nginx_server.request("/").headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert "max-age=0" not in nginx_server.request("/assets/exit.js").headers["cache-control"]


def test_precompressed_files_are_served(nginx_server: NginxServer, site: Path) -> None:
    page = (site / "index.html").read_bytes()
    gzip_response = nginx_server.request("/", "-H", "Accept-Encoding: gzip")
    assert gzip_response.headers["content-encoding"] == "gzip" and gzip.decompress(gzip_response.body) == page
    brotli_response = nginx_server.request("/", "-H", "Accept-Encoding: gzip, br")
    assert brotli_response.headers["content-encoding"] == "br" and brotli.decompress(brotli_response.body) == page
    assert nginx_server.request("/").body == page
    assert brotli_response.headers["content-type"] == "text/html; charset=utf-8"


def test_when_the_form_is_down_a_page_shows_contact_details(nginx_server: NginxServer) -> None:
    response = nginx_server.request("/referral/dies")
    assert response.status == 502
    assert b"01632 960123" in response.body and b"mailto:" in response.body
    assert b"have not seen a reference, please send it again" in response.body


@pytest.mark.parametrize("status", [502, 504])
def test_an_error_status_that_the_form_sends_is_left_unchanged(nginx_server: NginxServer, status: int) -> None:
    assert nginx_server.request(f"/referral/{status}").status == status


def test_plain_http_redirects_to_https_on_the_sites_own_host_name(nginx_server: NginxServer) -> None:
    response = nginx_server.request("/support/?a=b", "-H", "Host: evil.example", scheme="http")
    assert (response.status, response.headers["location"]) == (301, "https://restorative.example.org.uk/support/?a=b")


def test_a_body_that_is_too_large_gets_a_helpful_page_and_a_normal_one_gets_through(
    nginx_server: NginxServer, tmp_path: Path
) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"x" * 500_000)
    assert nginx_server.request("/referral/", "--data-binary", f"@{body}").body == b"500000"
    body.write_bytes(b"x" * 600_000)
    response = nginx_server.request("/referral/", "--data-binary", f"@{body}")
    assert response.status == 413 and b"01632 960123" in response.body and b"make it much shorter" in response.body


def test_a_client_cannot_hide_its_address_behind_a_forged_header(nginx_server: NginxServer) -> None:
    """The form ignores forged addresses, because it trusts only the addresses that its own proxies add at the end."""
    # The number of these addresses, counted from the end of X-Forwarded-For, is FORM_TRUSTED_PROXIES.
    text = nginx_server.request("/referral/", "-H", "X-Forwarded-For: 203.0.113.9").body.decode()
    assert text == "restorative.example.org.uk 203.0.113.9, 127.0.0.1"


def test_configuration_files_and_missing_files_are_not_served(nginx_server: NginxServer) -> None:
    for path in ("/_headers", "/_redirects", "/_nginx/http.conf", "/.git/config", "/mkdocs.yml", "/metrics"):
        assert nginx_server.request(path, "--path-as-is").status in (400, 404), path


def test_no_log_line_shows_who_visited_or_what_they_read(nginx_server: NginxServer) -> None:
    nginx_server.request("/referral/withdraw/a-secret-token")
    nginx_server.request("/referral/dies?secret-token")
    log = "".join(path.read_text() for path in nginx_server.folder.glob("*.log"))
    assert "GET" in log
    for word in ("127.0.0.1", "secret", "withdraw", "/support/"):
        assert word not in log


def test_old_addresses_redirect_to_the_new_page(
    tmp_path: Path, site: Path, certificate: tuple[Path, Path], root: Path
) -> None:
    docs, site_copy = tmp_path / "docs", shutil.copytree(site, tmp_path / "moved")
    docs.mkdir()
    (docs / "support.md").write_text("---\nmoved_from: [/old-help/, /leaflet.html]\n---\n# Support\n")
    nginx.write_includes(site_copy, docs)
    with nginx_in_front(tmp_path, site_copy, certificate, free_port(), root=root) as server:
        for path in ("/old-help/", "/old-help", "/leaflet.html"):
            response = server.request(path)
            assert response.status == 301 and response.headers["location"].endswith("/support/"), path
        assert server.request("/old-help/more/").status == 404


def test_header_rules_of_the_web_host_become_nginx_directives() -> None:
    text = '# a note\n/*\n  A: one; "two"\n/assets/*.js\n  A: three\n  B: x:y\n'
    assert nginx.header_rules(text) == [
        ("/*", "A", 'one; "two"'),
        ("/assets/*.js", "A", "three"),
        ("/assets/*.js", "B", "x:y"),
    ]
    maps, lines = nginx.header_directives(text)
    assert maps.index("three") < maps.index("one")
    assert r"^\|/assets/.*\.js$" in maps and r'"one; \"two\""' in maps
    assert lines.count("always;") == 3


def test_the_configuration_for_containers_requires_no_brotli_module(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, is_required in ((["--certificate", "/c.pem", "--key", "/k.pem"], True), (["--containers"], False)):
        monkeypatch.setattr("sys.argv", ["nginx", "--site", str(site), *options])
        assert nginx.main() == 0
        assert bool(re.search(r"^ *brotli_static on;", capsys.readouterr().out, re.MULTILINE)) == is_required


def test_pages_keep_their_style_after_a_change_of_colour_and_a_reload(
    live_project: Path, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    service = shutil.copytree(live_project, tmp_path / "service")
    generated_configuration, nginx_server = (
        tmp_path / "written.conf",
        NginxServer(LIVE_HOST, free_port(), free_port(), tmp_path),
    )

    def write_configuration(*options: str) -> None:
        """Write nginx's configuration, with the test's ports and log folder instead of 80, 443 and /var/log/nginx."""
        completed = project_copy.run_python(service, "-m", "tools.publish.nginx", *options)
        assert completed.returncode == 0, completed.stdout + completed.stderr
        text = generated_configuration.read_text().replace("listen 80;", f"listen 127.0.0.1:{nginx_server.http_port};")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{nginx_server.https_port} ").replace(
            "/var/log/nginx", str(tmp_path)
        )
        (tmp_path / "front-door.conf").write_text(text)

    def page_has_its_style() -> bool:
        response = nginx_server.request("/")
        return inline_style_is_allowed(response.body.decode(), response.headers["content-security-policy"])

    write_configuration(
        "--certificate", str(certificate[0]), "--key", str(certificate[1]), "--to", str(generated_configuration)
    )
    with running_nginx_server(nginx_server):
        assert page_has_its_style()
        mkdocs_yml, colour = service / "mkdocs.yml", str(project_copy.LIVE_SERVICE["colour"])
        assert colour in mkdocs_yml.read_text()
        mkdocs_yml.write_text(mkdocs_yml.read_text().replace(colour, "#7a1f4b"))
        completed = project_copy.run_python(service, "-m", "tools.publish.build", SERVICE_ENV="production")
        assert completed.returncode == 0, completed.stdout + completed.stderr
        assert b"#7a1f4b" in nginx_server.request("/").body and not page_has_its_style()
        nginx_server.reload()
        wait_until(page_has_its_style, "the page has its look again")


def test_the_previous_nginx_configuration_stays_if_writing_a_new_one_fails(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, site_folder = tmp_path / "front-door.conf", tmp_path / "site"
    options = ["--certificate=/c.pem", "--key=/k.pem", f"--site={site_folder}", f"--to={file}"]
    assert nginx.main(options) == 1 and not file.exists()
    shutil.copytree(site, site_folder)
    assert nginx.main(options) == 0
    original_text = file.read_text()
    shutil.rmtree(site_folder)
    assert nginx.main(options) == 1
    assert "run make build first" in capsys.readouterr().err
    assert file.read_text() == original_text and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "version, has_http2_directive", (("1.22.1", False), ("1.25.0", False), ("1.25.1", True), ("1.28.0", True))
)
def test_http2_is_configured_in_the_syntax_of_the_installed_nginx(
    tmp_path: Path, site: Path, root: Path, monkeypatch: pytest.MonkeyPatch, version: str, has_http2_directive: bool
) -> None:
    program = tmp_path / "nginx"
    program.write_text(f"#!/bin/sh\necho nginx version: nginx/{version} >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    text = nginx.configuration(nginx.Machine(tmp_path, tmp_path, site), root)
    assert ("listen 443 ssl http2;" in text, "    listen 443 ssl;\n    http2 on;" in text) == (
        not has_http2_directive,
        has_http2_directive,
    )
