"""Tests that on every server each page works with and without its trailing slash and has no broken link."""

import http.client
import os
import ssl
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from service_profile import load, security_headers
from tests.support.deployment import NginxServer
from tests.support.every_path import FORM_PATHS_WITH_CAPITALS, Fetch, expected_paths, problems
from tools.dev.live_site import LiveSite, fingerprint
from tools.publish import build
from tools.publish.root_links import rewrite_links


@pytest.fixture
def fetch_from_nginx(nginx_server: NginxServer) -> Iterator[Fetch]:
    connection = http.client.HTTPSConnection(
        "127.0.0.1", nginx_server.https_port, context=ssl._create_unverified_context()
    )

    def fetch(path: str) -> tuple[int, str, bytes]:
        connection.request("GET", path, headers={"Host": nginx_server.host})
        response = connection.getresponse()
        return response.status, response.headers.get("Location", ""), response.read()

    yield fetch
    connection.close()


@pytest.fixture
def live_site(site: Path, root: Path) -> LiveSite:
    """Return the application with which `make serve` serves the built site."""
    live_site = LiveSite(root)
    live_site.site, live_site.built_fingerprint = site, fingerprint(root)
    live_site.headers = list(security_headers.site_headers(load()).items())
    return live_site


@pytest.fixture
def fetch_from_make_serve(live_site: LiveSite) -> Fetch:
    client = Client(live_site)

    def fetch(path: str) -> tuple[int, str, bytes]:
        response = client.get(path)
        return response.status_code, response.headers.get("Location", ""), response.data

    return fetch


@pytest.mark.system
def test_nginx_serves_every_page_with_and_without_a_trailing_slash(fetch_from_nginx: Fetch, site: Path) -> None:
    assert problems(site, fetch_from_nginx) == []


@pytest.mark.long
def test_make_serve_serves_every_page_with_and_without_a_trailing_slash(
    fetch_from_make_serve: Fetch, site: Path
) -> None:
    assert problems(site, fetch_from_make_serve) == []


@pytest.mark.system
def test_nginx_finds_the_form_whatever_the_case_of_its_path(fetch_from_nginx: Fetch) -> None:
    for path in FORM_PATHS_WITH_CAPITALS:
        status, location, _ = fetch_from_nginx(path)
        assert (status, urlsplit(location).path) == (308, "/referral/"), path


@pytest.mark.long
def test_make_serve_finds_the_form_whatever_the_case_of_its_path(fetch_from_make_serve: Fetch) -> None:
    for path in FORM_PATHS_WITH_CAPITALS:
        status, location, _ = fetch_from_make_serve(path)
        assert (status, location) == (301, "/referral/"), path


@pytest.mark.long
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_make_serve_shows_contact_details_when_it_refuses_an_unsupported_method(
    live_site: LiveSite, method: str
) -> None:
    for path in ("/support/", "/nothing", "/leaflets/"):
        response = Client(live_site).open(path, method=method)
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
        assert "01632 960123" in response.text and response.headers["Content-Security-Policy"]


LOCATIONS_BY_PATH_WITH_QUERY = {
    "/support?a=b": "/support/?a=b",
    "/referral?language=en": "/referral/?language=en",
    "/Referral?language=en": "/referral/?language=en",
}


@pytest.mark.system
def test_nginx_keeps_the_query_when_it_adds_a_slash(fetch_from_nginx: Fetch) -> None:
    for path, expected_location in LOCATIONS_BY_PATH_WITH_QUERY.items():
        _, location, _ = fetch_from_nginx(path)
        assert urlsplit(location)._replace(scheme="", netloc="").geturl() == expected_location


@pytest.mark.long
def test_make_serve_keeps_the_query_and_leads_to_no_other_host(fetch_from_make_serve: Fetch) -> None:
    locations_by_path = {"/support?a=b": "/support/?a=b", "/Referral?language=en": "/referral/?language=en"}
    for path, expected_location in {**locations_by_path, "http://localhost//support": "/support/"}.items():
        status, location, _ = fetch_from_make_serve(path)
        assert (status, location) == (301, expected_location), path


@pytest.mark.long
def test_no_link_breaks_on_a_host_that_ignores_the_trailing_slash(site: Path) -> None:
    """Some hosts serve a folder with or without its trailing slash, as Netlify does with our settings."""

    def fetch(path: str) -> tuple[int, str, bytes]:
        file = site / path.strip("/")
        if file.is_dir() and (file / "index.html").is_file():
            return HTTPStatus.OK, "", (file / "index.html").read_bytes()
        if file.is_file() and not path.endswith("/"):
            return HTTPStatus.OK, "", file.read_bytes()
        return HTTPStatus.NOT_FOUND, "", (site / "404.html").read_bytes()

    assert problems(site, fetch) == []
    assert len(list(expected_paths(site))) > 150


@pytest.mark.system
@pytest.mark.parametrize(
    "header",
    [
        "Range: bytes=9999999-",
        "Range: bytes=5-2",
        'If-Match: "none"',
        "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
@pytest.mark.parametrize("path", ["/support/", "/leaflets/leaflet-to-read.pdf"])
def test_a_response_that_refuses_a_range_or_condition_has_each_header_once(
    nginx_server: NginxServer, path: str, header: str
) -> None:
    counts = Counter(name for name, _ in nginx_server.request(path, "-H", header).header_pairs)
    assert counts["content-security-policy"] == 1
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.system
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("options", [(), ("-H", "Host: a b"), ("-X", "BREW"), ("-H", "Host: other.example")])
def test_no_response_shows_the_version_of_nginx(
    nginx_server: NginxServer, scheme: str, options: tuple[str, ...]
) -> None:
    response = nginx_server.request("/no-such-page", *options, scheme=scheme)
    assert response.headers.get("server", "nginx") == "nginx"
    assert b"nginx/" not in response.body


def test_relative_links_become_links_from_the_root() -> None:
    html = (
        '<a class=x href="../support/?a=b#c">a > b</a>'
        "<img src='p.svg' srcset=\"p.svg 1x, ../q.svg 2x\" alt=\"href='x'\">"
        '<a href="#top"></a><a href="tel:999"></a><a href="/x/"></a><a href="https://y.example/"></a><p>href="z/"</p>'
    )
    assert rewrite_links(html, "leaflets/index.html") == (
        '<a class=x href="/support/?a=b#c">a > b</a>'
        "<img src='/leaflets/p.svg' srcset=\"/leaflets/p.svg 1x, /q.svg 2x\" alt=\"href='x'\">"
        '<a href="#top"></a><a href="tel:999"></a><a href="/x/"></a><a href="https://y.example/"></a><p>href="z/"</p>'
    )


@pytest.mark.long
def test_a_site_built_with_a_strict_umask_can_be_read_by_the_web_server(tmp_path: Path) -> None:
    old_umask = os.umask(0o077)
    try:
        build.build(site=tmp_path / "site")
    finally:
        os.umask(old_umask)
    site = tmp_path / "site"
    modes = {path: path.stat().st_mode & 0o777 for path in (site, *site.rglob("*"))}
    assert len(modes) > 100
    assert [str(path) for path, mode in modes.items() if mode != (0o755 if path.is_dir() else 0o644)] == []
