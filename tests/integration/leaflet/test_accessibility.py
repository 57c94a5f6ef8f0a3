"""The leaflets' PDFs conform to PDF/UA (screen readers) and PDF/A (archiving)."""

from pathlib import Path

import outloud
import page
import pikepdf
import pytest

from leaflet.build import LISTING_FILE, Leaflet
from leaflet.editions import EDITIONS
from service_profile import Service
from site_markdown import lists

pytestmark = pytest.mark.long


LEAFLET_NAMES = [edition.file.removesuffix(".pdf") for edition in EDITIONS]


@pytest.mark.parametrize("name", LEAFLET_NAMES)
@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_each_leaflet_conforms_to_the_standards_for_accessibility_and_archiving(
    pdf_paths: dict[str, Path], name: str, profile: str
) -> None:
    report = page.validate_pdf(pdf_paths[name], profile=profile)
    assert report.is_compliant, [(failure.rule_id, failure.message) for failure in report.failures]


@pytest.mark.parametrize("name", LEAFLET_NAMES)
def test_a_screen_reader_reads_out_all_that_a_leaflet_shows(pdf_paths: dict[str, Path], name: str) -> None:
    findings = outloud.check(str(pdf_paths[name])).findings
    # The other nine cards of the sheet are one figure: its description is read out, so their order does not matter.
    ignored_rules = {"ORD-001"} if name == "pocket-card" else set()
    assert [
        str(finding) for finding in findings if finding.severity != "info" and finding.rule not in ignored_rules
    ] == []


@pytest.mark.parametrize("name", LEAFLET_NAMES)
def test_fonts_are_embedded_as_subsets(pdf_paths: dict[str, Path], name: str) -> None:
    font_count = 0
    with pikepdf.open(pdf_paths[name]) as pdf:
        for pdf_object in pdf.objects:
            if isinstance(pdf_object, pikepdf.Dictionary) and pdf_object.get("/Type") == "/FontDescriptor":
                font_count += 1
                assert {"/FontFile2", "/FontFile3"} & set(pdf_object.keys()), pdf_object.FontName
                assert str(pdf_object.FontName)[7] == "+", f"{pdf_object.FontName} is not subset"
                assert "AtkinsonHyperlegible" in str(pdf_object.FontName)
    assert font_count


@pytest.mark.parametrize("name", LEAFLET_NAMES)
def test_each_leaflet_has_a_language_a_title_and_bookmarks(pdf_paths: dict[str, Path], name: str) -> None:
    with pikepdf.open(pdf_paths[name]) as pdf, pdf.open_outline() as outline:
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        (title,) = [edition.title for edition in EDITIONS if edition.file == pdf_paths[name].name]
        assert len(str(pdf.docinfo["/Title"])) >= len(title) - 8
        min_bookmarks = 2 if len(pdf.pages) > 1 and "card" not in name else 1
        assert len(outline.root) + sum(len(item.children) for item in outline.root) >= min_bookmarks


def test_the_list_of_leaflets_has_the_right_page_counts_and_file_sizes(
    leaflets: list[Leaflet], leaflets_folder: Path
) -> None:
    assert [leaflet.file for leaflet in leaflets] == [edition.file for edition in EDITIONS]
    for leaflet in leaflets:
        with pikepdf.open(leaflets_folder / leaflet.file) as pdf:
            assert len(pdf.pages) == leaflet.pages
        assert (leaflets_folder / leaflet.file).stat().st_size == leaflet.bytes
        assert leaflet.bytes < 150_000, "too large for a phone on a slow connection"


def test_the_leaflets_page_lists_each_leaflet_with_its_page_count_and_size(
    leaflets: list[Leaflet], leaflets_folder: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LEAFLETS_FILE", leaflets_folder / LISTING_FILE)
    items = [item for item in lists.leaflets(service.values).splitlines() if item.startswith("- ")]
    assert len(items) == len(leaflets)
    for leaflet in leaflets:
        link_target = f"leaflets/{leaflet.page}.md" if leaflet.page else f"leaflets/{leaflet.file}"
        [item] = [
            item for item in items if f"[{leaflet.title}]({link_target})" in item
        ]  # the web page comes before the PDF
        assert f"](leaflets/{leaflet.file})" in item
        assert f"{leaflet.pages} page" in item and f"{round(leaflet.bytes / 1000)} KB" in item


@pytest.mark.parametrize("name", LEAFLET_NAMES)
def test_no_file_name_discloses_what_the_leaflet_is_about(name: str) -> None:
    """A browser's list of downloads shows the file name, and other people may see that list."""
    assert not any(word in name for word in ("restorative", "justice", "crime", "victim", "harm", "offend", "rj"))


def test_the_font_licence_is_beside_the_fonts(root: Path) -> None:
    assert "SIL Open Font License, Version 1.1" in (root / "leaflet/fonts/OFL.txt").read_text()
    assert {path.suffix for path in (root / "leaflet/fonts").iterdir()} == {".ttf", ".txt"}
