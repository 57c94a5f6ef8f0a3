"""Tests that nginx explains each refusal, redirects to the site's own address, and logs nothing about people."""

import contextlib
import http.client
import re
import socket
from collections import Counter
from pathlib import Path

import pytest

from tests.support.deployment import NginxServer, running_program, wait_for_port
from tests.support.upstream import REQUIRED_HEADERS
from tools.dev.ports import free_port

pytestmark = pytest.mark.system


REFUSED_REQUESTS = {
    "a long address": (("/" + "x" * 40_000,), 414),
    "a post to a page": (("/support/", "--data", "a=b"), 405),
    "no request": (("/", "-H", "Host: a b"), 400),
    "an unknown transfer coding": (("/support/", "-H", "Transfer-Encoding: gzip"), 501),
    "an unmet condition": (("/support/", "-H", 'If-Match: "none"'), 412),
    "no host": (("/support/", "-H", "Host:"), 400),
    "a heap of cookies": (("/", "-H", "Cookie: a=" + "x" * 40_000), 431),
}


@pytest.mark.parametrize("refused_request", REFUSED_REQUESTS)
def test_a_request_that_nginx_refuses_gets_a_page_with_contact_details(
    nginx_server: NginxServer, refused_request: str
) -> None:
    (path, *options), status = REFUSED_REQUESTS[refused_request]
    response = nginx_server.request(
        path, "--http1.1", *options
    )  # over HTTP/2, nginx resets the stream on an over-long header
    assert response.status == status
    assert b"01632 960123" in response.body and b"mailto:" in response.body
    counts = Counter(name for name, _ in response.header_pairs)
    assert [name for name in REQUIRED_HEADERS if counts[name] != 1] == []


@pytest.mark.parametrize("path", ["/", "/referral/"])
def test_large_cookies_of_other_sites_on_the_domain_do_not_keep_anybody_out(
    nginx_server: NginxServer, path: str
) -> None:
    assert nginx_server.request(path, "-H", "Cookie: a=" + "x" * 20_000).status == 200


@pytest.mark.parametrize("path", ["/support/?a=b", "/referral/", "//referral//who"])
def test_every_other_host_name_redirects_to_the_sites_own(nginx_server: NginxServer, path: str) -> None:
    response = nginx_server.request(path, "-H", "Host: www.alias.example", "--path-as-is")
    assert (response.status, response.headers["location"]) == (301, f"https://restorative.example.org.uk{path}")


def test_plain_http_on_the_https_port_redirects_to_https(nginx_server: NginxServer) -> None:
    plain_http_server = NginxServer(
        nginx_server.host, nginx_server.https_port, nginx_server.https_port, nginx_server.folder
    )
    response = plain_http_server.request("/support/", scheme="http")
    assert (response.status, response.headers["location"]) == (301, "https://restorative.example.org.uk/support/")


@pytest.mark.parametrize(
    "client_hello",
    [
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"\x16\x03\x01\xff\xff",
        bytes.fromhex("160301003f0100003b0303")
        + bytes(32)
        + bytes.fromhex("00000213010100000e002b0003020304003300020000"),
    ],
    ids=lambda data: data[:6].hex(),
)
def test_a_broken_handshake_leaves_no_address_in_the_log(nginx_server: NginxServer, client_hello: bytes) -> None:
    with socket.create_connection(("127.0.0.1", nginx_server.https_port), timeout=10) as connection:
        connection.sendall(client_hello)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):  # nginx may reset the connection
            while connection.recv(4096):
                pass
    assert "127.0.0.1" not in (nginx_server.folder / "front-door-error.log").read_text()


def test_one_ipv6_network_is_rate_limited_as_one_client(nginx_server: NginxServer, tmp_path: Path) -> None:
    """All clients are on loopback here, so a header gives nginx each client's address."""
    configuration = (nginx_server.folder / "front-door.conf").read_text()
    client_map = re.search(r"map \$binary_remote_addr \$front_door_client \{.*?\n\}", configuration, re.DOTALL)
    assert client_map is not None
    port, folder = free_port(), tmp_path
    (folder / "nginx.conf").write_text(
        f"""daemon off; user root; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
events {{}}
http {{
{client_map[0]}
access_log off;
limit_req_zone $front_door_client zone=few:1m rate=1r/m;
server {{ listen 127.0.0.1:{port}; root {folder}; set_real_ip_from 127.0.0.1; real_ip_header X-Peer;
limit_req zone=few; limit_req_status 429; }}
}}
"""
    )
    (folder / "index.html").write_text("here")
    with running_program("nginx", "-e", f"{folder}/log", "-c", f"{folder}/nginx.conf", cwd=folder):
        wait_for_port(port, "nginx")

        def response_statuses(*client_ips: str) -> list[int]:
            received_statuses = []
            for client_ip in client_ips:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/", headers={"X-Peer": client_ip})
                received_statuses.append(connection.getresponse().status)
                connection.close()
            return received_statuses

        assert response_statuses("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1") == [200, 429, 200]
        assert response_statuses("198.51.100.7", "198.51.100.8", "198.51.100.7") == [200, 200, 429]
        assert response_statuses("::ffff:203.0.113.1", "::ffff:203.0.113.2", "::ffff:203.0.113.1") == [200, 200, 429]
