"""The copy for prisons, custody suites, refuges and libraries works where there is no internet."""

import re
from pathlib import Path

import pymupdf
import pytest

from service_profile import load
from tools.publish.offline import build_offline, internet_links

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def offline(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy made from the built site."""
    folder = tmp_path_factory.mktemp("copy") / "offline"
    build_offline(site, folder, load())
    return folder


def test_no_link_of_the_copy_needs_the_internet_or_is_dead(offline: Path) -> None:
    assert len(list(offline.rglob("*.html"))) > 15
    assert internet_links(offline) == []


def test_nobody_is_led_to_a_form_that_cannot_be_reached(offline: Path) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in offline.rglob("*.html"))
    assert 'href="/referral' not in pages and "<script" not in pages
    assert "leaflets/form-for-yourself.pdf" in pages
    assert str(load()["phone"]) in pages


def test_the_booklet_can_be_folded_and_stapled_and_says_whom_to_call(offline: Path) -> None:
    with pymupdf.open(offline / "booklet.pdf") as booklet:
        text = " ".join(" ".join(page.get_text() for page in booklet).split())
        width, height = booklet[0].rect.width / 72 * 25.4, booklet[0].rect.height / 72 * 25.4
        assert len(booklet) % 4 == 0
    assert (round(width), round(height)) == (148, 210)
    assert str(load()["phone"]) in text
    assert re.search(r"What happens, step by step \(page \d+\)", text, re.IGNORECASE), "a link is a page on paper"
