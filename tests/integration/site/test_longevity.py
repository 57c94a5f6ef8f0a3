"""Two other generators can build the site from the same files, if Material and MkDocs 1 are abandoned."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest

from service_profile import load
from tests.support.page_checks import XHTML, elements, parse, text_of

pytestmark = pytest.mark.long


SITE_SOURCES = ("mkdocs.yml", "docs", "overrides", "site_markdown")
# These pages are made from templates without a Markdown file, which Zensical does not build.
TEMPLATE_PAGES = {"404.html", "unavailable.html", "preview.html"}


def build_site(root: Path, folder: Path, *command: str) -> dict[str, str]:
    """Copy the sources to `folder` and build the site with `command`.

    Return the HTML of each page by its path in the site, without TEMPLATE_PAGES.
    """
    folder.mkdir()
    for name in SITE_SOURCES:
        source = root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    environment = {"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"}
    # The project's build passes the `tel:` links to the templates; a plain generator reads them from the file.
    links = json.dumps(load(root / "mkdocs.yml")["links"])
    text = (folder / "mkdocs.yml").read_text(encoding="utf-8")
    text = text.replace("  service: &service\n", f"  service: &service\n    links: {links}\n")
    (folder / "mkdocs.yml").write_text(text, encoding="utf-8")
    generator_command = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    process = subprocess.run(
        generator_command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert process.returncode == 0, process.stdout + process.stderr
    site = folder / "site"
    return {
        page.relative_to(site).as_posix(): page.read_text(encoding="utf-8")
        for page in sorted(site.rglob("*.html"))
        if page.relative_to(site).as_posix() not in TEMPLATE_PAGES
    }


@pytest.fixture(scope="module")
def mkdocs_pages(root: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build the site with MkDocs; return the HTML of each page by its path in the site, without TEMPLATE_PAGES."""
    # The fixture `site` has put the leaflets into docs/.
    return build_site(root, tmp_path_factory.mktemp("canary") / "mkdocs", "mkdocs", "build", "--strict", "--quiet")


def test_properdocs_builds_the_same_html_as_mkdocs(mkdocs_pages: dict[str, str], root: Path, tmp_path: Path) -> None:
    properdocs_pages = build_site(
        root, tmp_path / "properdocs", "properdocs", "build", "--strict", "--quiet", "-f", "mkdocs.yml"
    )
    generator_tag = re.compile(r'<meta name="generator"[^>]*>')
    assert {page: generator_tag.sub("", html) for page, html in properdocs_pages.items()} == mkdocs_pages


def page_content(html: str, page: str) -> tuple[str, list[str], list[tuple[str, str]]]:
    """Return the text of a page with its title, the texts of its headings, and its links as (text, absolute URL)."""
    tree = parse(html)
    body = elements(tree, "body")[0]
    headings = [text_of(element) for level in "123456" for element in elements(tree, f"h{level}")]
    links = [(text_of(link), urljoin(f"https://here/{page}", link.get("href"))) for link in body.iter(XHTML + "a")]
    return text_of(elements(tree, "title")[0]) + text_of(body), headings, links


def test_zensical_gives_the_same_text_headings_and_links_as_mkdocs(
    mkdocs_pages: dict[str, str], root: Path, tmp_path: Path
) -> None:
    zensical_pages = build_site(root, tmp_path / "zensical", "zensical", "build")
    assert set(zensical_pages) == set(mkdocs_pages)
    for page, html in mkdocs_pages.items():
        assert page_content(zensical_pages[page], page) == page_content(html, page), page
