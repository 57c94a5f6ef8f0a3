"""Leaflets take every detail of the service from mkdocs.yml, offer only what it has, and are built reproducibly."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from leaflet.build import Leaflet, build_all
from leaflet.editions import EDITIONS
from leaflet.shortcodes import MISSING_YEAR_TEXT
from service_profile import Service, load
from service_profile.profile import MKDOCS_YML

pytestmark = pytest.mark.long


# Changes to the sample service, as pairs of a pattern and its replacement. Tests share them, because building all
# leaflets takes seconds and the second build takes them from the cache.
NEW_PHONE_AND_NO_TEXT_NUMBER = (
    (r"^    phone: .*$", "    phone: 01632 960987"),
    (r"^    text_number: .*$", '    text_number: ""'),
)
OPTIONAL_DETAILS = (
    (r'^        year: "".*$', '        year: "2025 to 2026"'),
    (r'^    response_promise: "".*$', "    response_promise: within 2 working days"),
    (r"^    offers: \[\].*$", "    offers: [bsl, large_print]"),
    (r'^    secure_email: "".*$', "    secure_email: rj@example.org.cjsm.net"),
    (r"^    post_address: .*$", "    post_address: [Freepost EXAMPLE, Stafford]"),
)

BuildTexts = Callable[..., dict[str, str]]  # takes changes to mkdocs.yml; returns the text of each leaflet


def _pdf_text(path: Path) -> str:
    with pymupdf.open(path) as pdf:
        return " ".join(" ".join(page.get_text() for page in pdf).split())


def _service_with(tmp_path: Path, *changes: tuple[str, str]) -> Service:
    """Return the service that mkdocs.yml describes after `changes`: pairs of a pattern and its replacement."""
    text = MKDOCS_YML.read_text(encoding="utf-8")
    for pattern, replacement in changes:
        assert re.search(pattern, text, re.MULTILINE), pattern
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    (tmp_path / "mkdocs.yml").write_text(text)
    return load(tmp_path / "mkdocs.yml")


@pytest.fixture
def build_texts(tmp_path: Path, cache: Path) -> BuildTexts:
    def build(*changes: tuple[str, str]) -> dict[str, str]:
        service = _service_with(tmp_path, *changes)
        return {
            leaflet.file: _pdf_text(tmp_path / "out" / leaflet.file)
            for leaflet in build_all(tmp_path / "out", service, cache)
        }

    return build


def test_building_the_same_text_twice_gives_the_same_bytes(
    pdf_paths: dict[str, Path], tmp_path: Path, service: Service
) -> None:
    build_all(tmp_path / "out", service, tmp_path / "another cache")
    for name, path in pdf_paths.items():
        assert (tmp_path / "out" / f"{name}.pdf").read_bytes() == path.read_bytes(), name


def test_an_unchanged_leaflet_is_not_written_again(tmp_path: Path, service: Service, cache: Path) -> None:
    build_all(tmp_path / "out", service, cache)
    original_times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    build_all(tmp_path / "out", service, cache)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == original_times, (
        "rewriting would restart `make serve` endlessly"
    )


def test_a_leaflet_that_is_no_longer_built_is_removed(tmp_path: Path, service: Service, cache: Path) -> None:
    (tmp_path / "old.pdf").write_bytes(b"%PDF")
    build_all(tmp_path, service, cache)
    assert not (tmp_path / "old.pdf").exists()


def test_a_changed_phone_number_changes_every_leaflet(build_texts: BuildTexts, service: Service) -> None:
    texts = build_texts(*NEW_PHONE_AND_NO_TEXT_NUMBER)
    for edition in EDITIONS:
        assert "01632 960987" in texts[edition.file], edition.file
        assert str(service["phone"]) not in texts[edition.file], edition.file


def test_without_a_text_number_no_leaflet_asks_for_a_text(build_texts: BuildTexts) -> None:
    texts = build_texts(*NEW_PHONE_AND_NO_TEXT_NUMBER)
    assert "Send a text to" not in texts["leaflet-easy-read.pdf"]
    assert "Text:" not in texts["leaflet-to-fold.pdf"]


def test_the_phone_number_is_written_nowhere_else_in_the_project(root: Path, service: Service) -> None:
    grep = subprocess.run(
        ["git", "grep", "-l", "-F", str(service["phone"]), "--", ":!tests", ":!mkdocs.yml"],
        cwd=root, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert grep.stdout.split() == []


def test_leaflets_say_that_a_statistic_has_no_year_unless_it_has_one(build_texts: BuildTexts) -> None:
    assert MISSING_YEAR_TEXT in build_texts()["leaflet-to-read.pdf"]
    texts = build_texts(*OPTIONAL_DETAILS)
    assert all(MISSING_YEAR_TEXT not in text for text in texts.values())
    assert "2025 to 2026" in texts["leaflet-to-read.pdf"]


def test_leaflets_promise_a_reply_time_only_if_one_is_configured(build_texts: BuildTexts) -> None:
    assert all("We will reply" not in text for text in build_texts().values())
    texts = build_texts(*OPTIONAL_DETAILS)
    assert "We will reply within 2 working days." in texts["leaflet-to-fold.pdf"]
    assert "We will reply within 2 working days." in texts["form-for-yourself.pdf"]


def test_leaflets_offer_only_configured_support_in_the_words_of_the_site(build_texts: BuildTexts) -> None:
    assert all("We can offer" not in text for text in build_texts().values())
    texts = build_texts(*OPTIONAL_DETAILS)
    assert "We can offer British Sign Language (BSL) and large print. Tell us" in texts["leaflet-to-fold.pdf"]
    assert "interpreter." not in texts["leaflet-to-fold.pdf"]


def test_leaflets_give_a_secure_email_address_only_if_there_is_one(build_texts: BuildTexts) -> None:
    assert all("by secure email" not in text for text in build_texts().values())
    texts = build_texts(*OPTIONAL_DETAILS)
    assert "secure email to rj@example.org.cjsm.net" in texts["form-for-someone-else.pdf"]


def test_leaflets_give_a_postal_address_only_if_one_is_configured(build_texts: BuildTexts) -> None:
    for text in build_texts().values():
        assert "Post it to" not in text
        assert "Hand it in" not in text
    texts = build_texts(*OPTIONAL_DETAILS)
    assert "Post it to: Freepost EXAMPLE, Stafford" in texts["form-for-someone-else.pdf"]
    assert "Hand it in" not in texts["form-for-someone-else.pdf"]


def test_easy_read_says_that_it_is_untested_until_it_has_been_tested(build_texts: BuildTexts) -> None:
    assert "have not tested this leaflet yet" in build_texts()["leaflet-easy-read.pdf"]
    assert (
        "have not tested this leaflet yet"
        not in build_texts((r"easy_read_tested: false", "easy_read_tested: true"))["leaflet-easy-read.pdf"]
    )


def test_the_discreet_cover_names_neither_crime_nor_restorative_justice(tmp_path: Path, cache: Path) -> None:
    service = _service_with(tmp_path, (r"discreet_cover: false", "discreet_cover: true"))
    build_all(tmp_path / "out", service, cache)
    with pymupdf.open(tmp_path / "out" / "leaflet-to-fold.pdf") as pdf:
        cover_text = pdf[0].get_text(
            clip=pymupdf.Rect(197 / 297 * pdf[0].rect.width, 0, pdf[0].rect.width, pdf[0].rect.height)
        )
        title = pdf.metadata["title"]
    for word in ("crime", "restorative", "justice", "victim", "harm"):
        assert word not in (cover_text + title).lower()
    assert str(service["phone"]) in cover_text


def test_the_picture_of_a_folded_leaflet_shows_its_cover(leaflets: list[Leaflet], leaflets_folder: Path) -> None:
    """The PDF's first page is landscape with the cover on the right; the picture shows the cover alone."""
    for leaflet in leaflets:
        with Image.open(leaflets_folder / leaflet.picture) as picture:
            assert picture.height > picture.width, leaflet.file
            if leaflet.kind == "fold":
                assert picture.height > 2 * picture.width
