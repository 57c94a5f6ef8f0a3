"""nginx with the project's own configuration in front of the built site: what a visitor's browser gets."""

import contextlib
import gzip
import http.client
import re
import socket
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import brotli
import pytest

from tests.ops.conftest import FrontServer, answers, nginx_in_front, program, wait_for
from tools import nginx
from tools.ports import free_port

pytestmark = pytest.mark.server

POLICY = ("content-security-policy", "x-content-type-options", "referrer-policy", "strict-transport-security")


class Upstream(BaseHTTPRequestHandler):
    """Stands for the form service where it must misbehave on demand; the real one is in the tests beside this."""

    def do_GET(self) -> None:
        path = self.path.removeprefix("/referral/")
        if path == "dies":
            self.connection.close()
            return
        self.send_response(int(path) if path.isdigit() else 200)
        if path == "own-policy":
            self.send_header("Content-Security-Policy", "default-src 'none'")
            self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} {self.headers['X-Forwarded-For']}".encode())

    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(size).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def front(
    tmp_path_factory: pytest.TempPathFactory, site: Path, certificate: tuple[Path, Path], root: Path
) -> Iterator[FrontServer]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = Thread(target=upstream.serve_forever, daemon=True)
    thread.start()
    folder = tmp_path_factory.mktemp("nginx")
    try:
        with nginx_in_front(folder, site, certificate, upstream.server_port, root=root) as server:
            yield server
    finally:
        upstream.shutdown()
        upstream.server_close()


PATHS = ["/", "/support/", "/no-such-page/", "/assets/exit.js", "/referral/", "/referral/503", "/referral/dies"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_each_header_exactly_once(front: FrontServer, path: str) -> None:
    answer = front.ask(path)
    counted = Counter(name for name, _ in answer.pairs)
    assert [name for name in POLICY if counted[name] != 1] == []
    assert [name for name, times in counted.items() if times > 1] == []


def test_the_forms_own_headers_are_left_alone(front: FrontServer) -> None:
    answer = front.ask("/referral/own-policy")
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["cache-control"] == "no-store"
    # For this host only: hosts below it may be another's.
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_pages_are_asked_for_again_and_assets_are_kept(front: FrontServer) -> None:
    assert front.ask("/").headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert "max-age=0" not in front.ask("/assets/exit.js").headers["cache-control"]


def test_finished_compressed_files_are_handed_out(front: FrontServer, site: Path) -> None:
    page = (site / "index.html").read_bytes()
    zipped = front.ask("/", "-H", "Accept-Encoding: gzip")
    assert zipped.headers["content-encoding"] == "gzip" and gzip.decompress(zipped.body) == page
    small = front.ask("/", "-H", "Accept-Encoding: gzip, br")
    assert small.headers["content-encoding"] == "br" and brotli.decompress(small.body) == page
    assert front.ask("/").body == page
    assert small.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(("path", "status"), [("/referral/dies", 502), ("/referral/502", 502), ("/referral/504", 504)])
def test_a_dead_form_gives_a_page_with_ways_to_reach_a_person(front: FrontServer, path: str, status: int) -> None:
    answer = front.ask(path)
    assert answer.status == status
    if path == "/referral/dies":
        assert b"01632 960123" in answer.body and b"mailto:" in answer.body
        assert b"not been sent" in answer.body or b"not sent" in answer.body


def test_plain_http_leads_to_https_on_the_sites_own_name(front: FrontServer) -> None:
    answer = front.ask("/support/?a=b", "-H", "Host: evil.example", scheme="http")
    assert (answer.status, answer.headers["location"]) == (301, "https://restorative.example.org.uk/support/?a=b")


def test_a_large_body_meets_a_page_and_a_form_sized_one_the_form(front: FrontServer, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"x" * 500_000)
    assert front.ask("/referral/", "--data-binary", f"@{body}").body == b"500000"
    body.write_bytes(b"x" * 600_000)
    answer = front.ask("/referral/", "--data-binary", f"@{body}")
    assert answer.status == 413 and b"01632 960123" in answer.body and b"make it much shorter" in answer.body


def test_what_a_client_claims_about_itself_stands_before_what_we_saw(front: FrontServer) -> None:
    """The form believes as many as there are proxies, counted from the end: see FORM_TRUSTED_PROXIES."""
    told = front.ask("/referral/", "-H", "X-Forwarded-For: 203.0.113.9").body.decode()
    assert told == "restorative.example.org.uk 203.0.113.9, 127.0.0.1"


def test_hosting_files_and_what_is_not_there_are_not_handed_out(front: FrontServer) -> None:
    for path in ("/_headers", "/_redirects", "/.git/config", "/mkdocs.yml", "/metrics", "/../mkdocs.yml"):
        assert front.ask(path, "--path-as-is").status in (400, 404), path


def test_no_log_line_tells_who_was_there_or_what_they_read(front: FrontServer) -> None:
    front.ask("/referral/withdraw/a-secret-token")
    front.ask("/referral/dies?secret-token")
    written = "".join(path.read_text() for path in front.folder.glob("*.log"))
    assert "GET" in written
    for told in ("127.0.0.1", "secret", "withdraw", "/support/"):
        assert told not in written


def test_old_addresses_lead_on(tmp_path: Path, site: Path, certificate: tuple[Path, Path], root: Path) -> None:
    project = tmp_path / "project"
    (project / "docs").mkdir(parents=True)
    (project / "mkdocs.yml").write_text((root / "mkdocs.yml").read_text())
    (project / "docs" / "support.md").write_text("---\nmoved_from: [/old-help/, /leaflet.html]\n---\n# Support\n")
    with nginx_in_front(tmp_path, site, certificate, free_port(), root=project) as server:
        for old in ("/old-help/", "/old-help", "/leaflet.html"):
            answer = server.ask(old)
            assert answer.status == 301 and answer.headers["location"].endswith("/support/"), old
        assert server.ask("/old-help/more/").status == 404


def test_a_header_file_reads_as_the_hosting_reads_it() -> None:
    text = '# a note\n/*\n  A: one; "two"\n/assets/*.js\n  A: three\n  B: x:y\n'
    assert nginx.header_rules(text) == [
        ("/*", "A", 'one; "two"'),
        ("/assets/*.js", "A", "three"),
        ("/assets/*.js", "B", "x:y"),
    ]
    maps, lines = nginx.headers(text)
    assert maps.index("three") < maps.index("one")
    assert r"^\|/assets/.*\.js$" in maps and r'"one; \"two\""' in maps
    assert lines.count("always;") == 3


def test_an_nginx_in_a_container_is_asked_for_no_module_of_this_machines(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, asked in ((["--certificate", "/c.pem", "--key", "/k.pem"], True), (["--containers"], False)):
        monkeypatch.setattr("sys.argv", ["nginx", "--site", str(site), *options])
        assert nginx.main() == 0
        assert bool(re.search(r"^ *brotli_static on;", capsys.readouterr().out, re.MULTILINE)) == asked


REFUSED = {
    "a long address": (("/" + "x" * 40_000,), 414),
    "a post to a page": (("/support/", "--data", "a=b"), 405),
    "no request": (("/", "-H", "Host: a b"), 400),
    "a heap of cookies": (("/", "-H", "Cookie: a=" + "x" * 40_000), 431),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_nginx_itself_refuses_is_a_page_with_ways_to_reach_a_person(front: FrontServer, what: str) -> None:
    (path, *options), status = REFUSED[what]
    answer = front.ask(path, "--http1.1", *options)  # over HTTP/2 nginx ends the stream instead of a long header
    assert answer.status == status
    assert b"01632 960123" in answer.body and b"mailto:" in answer.body
    counted = Counter(name for name, _ in answer.pairs)
    assert [name for name in POLICY if counted[name] != 1] == []


@pytest.mark.parametrize("path", ["/", "/referral/"])
def test_cookies_that_other_sites_of_the_domain_left_keep_nobody_out(front: FrontServer, path: str) -> None:
    assert front.ask(path, "-H", "Cookie: a=" + "x" * 20_000).status == 200


@pytest.mark.parametrize("path", ["/support/?a=b", "/referral/", "//referral//who"])
def test_every_other_name_leads_to_the_sites_own(front: FrontServer, path: str) -> None:
    answer = front.ask(path, "-H", "Host: www.alias.example", "--path-as-is")
    assert (answer.status, answer.headers["location"]) == (301, f"https://restorative.example.org.uk{path}")


def test_plain_http_on_the_port_of_tls_leads_to_https(front: FrontServer) -> None:
    spoken = FrontServer(front.host, front.https, front.https, front.folder)
    answer = spoken.ask("/support/", scheme="http")
    assert (answer.status, answer.headers["location"]) == (301, "https://restorative.example.org.uk/support/")


@pytest.mark.parametrize(
    "hello",
    [
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"\x16\x03\x01\xff\xff",
        bytes.fromhex("160301003f0100003b0303")
        + bytes(32)
        + bytes.fromhex("00000213010100000e002b0003020304003300020000"),
    ],
    ids=lambda data: data[:6].hex(),
)
def test_a_broken_handshake_leaves_no_address_in_the_log(front: FrontServer, hello: bytes) -> None:
    with socket.create_connection(("127.0.0.1", front.https), timeout=10) as wire:
        wire.sendall(hello)
        wire.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while wire.recv(4096):
                pass
    assert "127.0.0.1" not in (front.folder / "front-door-error.log").read_text()


def test_an_ipv6_network_of_one_machine_counts_as_one_client(front: FrontServer, tmp_path: Path) -> None:
    """The map as it stands in the configuration, for peers that a header names instead of this loopback."""
    written = (front.folder / "front-door.conf").read_text()
    own = re.search(r"map \$binary_remote_addr \$front_door_client \{.*?\n\}", written, re.DOTALL)
    assert own is not None
    port, folder = free_port(), tmp_path
    (folder / "nginx.conf").write_text(
        f"""daemon off; user root; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
events {{}}
http {{
{own[0]}
access_log off;
limit_req_zone $front_door_client zone=few:1m rate=1r/m;
server {{ listen 127.0.0.1:{port}; root {folder}; set_real_ip_from 127.0.0.1; real_ip_header X-Peer;
limit_req zone=few; limit_req_status 429; }}
}}
"""
    )
    (folder / "index.html").write_text("here")
    with program("nginx", "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf", cwd=folder):
        wait_for("nginx listens", lambda: answers(port))

        def asked(*peers: str) -> list[int]:
            found = []
            for peer in peers:
                done = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                done.request("GET", "/", headers={"X-Peer": peer})
                found.append(done.getresponse().status)
                done.close()
            return found

        assert asked("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1") == [200, 429, 200]
        assert asked("198.51.100.7", "198.51.100.8", "198.51.100.7") == [200, 200, 429]
        assert asked("::ffff:203.0.113.1", "::ffff:203.0.113.2", "::ffff:203.0.113.1") == [200, 200, 429]
