"""The offline copy, for prisons, custody suites, refuges and libraries, works without the internet."""

import itertools
import os
import re
from html import unescape
from pathlib import Path

import pymupdf
import pytest

from leaflet.booklet import CHAPTERS, Booklet
from service_profile import load
from service_profile.profile import statistic_sentence
from tests.support.pdf import POINTS_PER_MM, TaggedPDF
from tools.publish.offline import build_offline, rewrite_page, unusable_links

pytestmark = pytest.mark.long

A5_HEIGHT = 210 * POINTS_PER_MM


@pytest.fixture(scope="module")
def offline_copy(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the offline copy and return its folder."""
    # With this umask, other accounts cannot read new files.
    folder = tmp_path_factory.mktemp("copy") / "offline"
    old_umask = os.umask(0o077)
    try:
        build_offline(site, folder, load())
    finally:
        os.umask(old_umask)
    return folder


def test_every_account_can_read_the_offline_copy_whatever_the_umask(offline_copy: Path) -> None:
    modes = {path: path.stat().st_mode & 0o777 for path in (offline_copy, *offline_copy.rglob("*"))}
    assert [str(path) for path, mode in modes.items() if mode != (0o755 if path.is_dir() else 0o644)] == []


def test_no_link_of_the_offline_copy_needs_the_internet_or_is_broken(offline_copy: Path) -> None:
    assert len(list(offline_copy.rglob("*.html"))) > 15
    assert unusable_links(offline_copy) == []


def test_the_offline_copy_has_the_paper_form_instead_of_the_web_form(offline_copy: Path) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in offline_copy.rglob("*.html"))
    assert 'href="/referral' not in pages and "<script" not in pages
    assert "leaflets/form-for-yourself.pdf" in pages
    assert str(load()["phone"]) in pages


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ("See <a href='https://example.org/'>their site</a>.", "See their site (example.org)."),
        ("See <a href='https://example.org/'>https://example.org/</a>.", "See https://example.org/."),
        ("<a href='https://example.org/'>Open example.org</a>", "Open example.org"),
    ],
)
def test_the_url_of_a_link_is_printed_only_if_its_text_does_not_contain_it(
    tmp_path: Path, link: str, text: str
) -> None:
    (tmp_path / "index.html").write_text(f"<p>{link}</p>", encoding="utf-8")
    assert rewrite_page(tmp_path / "index.html", tmp_path, load()) == f"<p>{text}</p>"


def test_no_list_item_is_empty(offline_copy: Path) -> None:
    assert [str(page) for page in offline_copy.rglob("*.html") if "<li></li>" in page.read_text(encoding="utf-8")] == []


def test_the_booklet_can_be_folded_and_has_the_phone_number(offline_copy: Path) -> None:
    with pymupdf.open(offline_copy / "booklet.pdf") as booklet:
        text = " ".join(" ".join(page.get_text() for page in booklet).split())
        width, height = booklet[0].rect.width / 72 * 25.4, booklet[0].rect.height / 72 * 25.4
        assert len(booklet) % 4 == 0
    assert (round(width), round(height)) == (148, 210)
    assert str(load()["phone"]) in text
    assert re.search(r"get help now \(page \d+\)", text, re.IGNORECASE), "on paper, a link becomes a page number"


def test_a_link_to_a_heading_becomes_the_page_number_of_that_heading(offline_copy: Path) -> None:
    with pymupdf.open(offline_copy / "booklet.pdf") as booklet:
        pages = [" ".join(page.get_text().split()) for page in booklet]
    numbers = {int(number) for text in pages for number in re.findall(r"Other ways to take part \(page (\d+)\)", text)}
    [number] = numbers
    assert "Other ways to take part" in pages[number - 1]
    assert "What happens, step by step" not in pages[number - 1], "the chapter begins on an earlier page"


def test_the_booklet_has_the_drawings_of_its_pages_at_a_small_size(site: Path, offline_copy: Path) -> None:
    boxes_by_alt = {figure.alt: figure.box for figure in TaggedPDF(offline_copy / "booklet.pdf").figures()}
    titles = {
        unescape(title)
        for chapter in CHAPTERS
        for title in re.findall(r'role="img"[^>]*><title>(.*?)</title>', (site / chapter / "index.html").read_text())
    }
    assert len(titles) > len(CHAPTERS) - 3
    assert titles - set(boxes_by_alt) == set()
    assert {alt for alt in titles if boxes_by_alt[alt].height > A5_HEIGHT / 4} == set()


def test_every_heading_of_the_booklet_has_text_or_a_subheading_below_it(site: Path) -> None:
    for chapter in Booklet(site, load()).document()["chapters"]:
        blocks = [*chapter["blocks"], {"kind": "heading", "level": 1}]
        for block, next_block in itertools.pairwise(blocks):
            if block["kind"] == "heading" and next_block["kind"] == "heading":
                words = "".join(run["text"] for run in block["runs"])
                assert next_block["level"] > block["level"], f"{chapter['name']}: nothing under “{words}”"


def test_the_booklet_explains_each_statistic(site: Path) -> None:
    (chapter,) = [
        chapter for chapter in Booklet(site, load()).document()["chapters"] if chapter["name"] == "does-it-help"
    ]
    paragraphs = [
        "".join(run["text"] for run in block["runs"]).strip() for block in chapter["blocks"] if "runs" in block
    ]
    for statistic in load()["statistics"].values():
        assert f"{statistic_sentence(statistic)}." in paragraphs
