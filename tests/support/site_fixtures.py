"""Fixtures: the site, built once for all tests, and a server that sends the same headers as the web host."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service_profile import load, security_headers
from tests.benchmarks.serving import serve
from tests.support.build_once import build_once
from tools.publish.build import build


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site, which no test may change."""
    return build_once(tmp_path_factory, "published-site", lambda folder: build(site=folder))


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, str]:
    """Return a dict from the path of every page, including 404.html, to its HTML."""
    html_by_path = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    return {path.relative_to(site).as_posix().removesuffix("index.html"): text for path, text in html_by_path.items()}


@pytest.fixture(scope="session")
def site_url(site: Path) -> Iterator[str]:
    """Serve the site on loopback with the security headers that the web host sends; yield its URL."""
    with serve(site, security_headers.site_headers(load())) as url:
        yield url
