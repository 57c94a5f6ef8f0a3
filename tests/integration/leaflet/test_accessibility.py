"""The leaflets' PDFs conform to PDF/UA (screen readers) and PDF/A (archiving)."""

from pathlib import Path

import outloud
import page
import pikepdf
import pytest

from leaflet.build import LISTING, Leaflet
from leaflet.editions import PLANS
from service_profile import Service
from site_markdown import lists

pytestmark = pytest.mark.long


NAMES = [plan.file.removesuffix(".pdf") for plan in PLANS]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_conforms(files: dict[str, Path], name: str, profile: str) -> None:
    report = page.validate_pdf(files[name], profile=profile)
    assert report.is_compliant, [(failure.rule_id, failure.message) for failure in report.failures]


@pytest.mark.parametrize("name", NAMES)
def test_says_out_loud_what_it_shows(files: dict[str, Path], name: str) -> None:
    found = outloud.check(str(files[name])).findings
    # The other nine cards of the sheet are one figure: its description is read out, so their order does not matter.
    known = {"ORD-001"} if name == "pocket-card" else set()
    assert [str(finding) for finding in found if finding.severity != "info" and finding.rule not in known] == []


@pytest.mark.parametrize("name", NAMES)
def test_fonts_travel_with_it(files: dict[str, Path], name: str) -> None:
    """Each font is embedded as a subset of the characters that are used."""
    found = 0
    with pikepdf.open(files[name]) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                found += 1
                assert {"/FontFile2", "/FontFile3"} & set(item.keys()), item.FontName
                assert str(item.FontName)[7] == "+", f"{item.FontName} is not subset"
                assert "AtkinsonHyperlegible" in str(item.FontName)
    assert found


@pytest.mark.parametrize("name", NAMES)
def test_names_itself_and_has_bookmarks(files: dict[str, Path], name: str) -> None:
    with pikepdf.open(files[name]) as pdf, pdf.open_outline() as outline:
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        (title,) = [plan.title for plan in PLANS if plan.file == files[name].name]
        assert len(str(pdf.docinfo["/Title"])) >= len(title) - 8
        wanted = 2 if len(pdf.pages) > 1 and "card" not in name else 1
        assert len(outline.root) + sum(len(item.children) for item in outline.root) >= wanted


def test_the_list_for_the_site_tells_the_truth(leaflets: list[Leaflet], files: dict[str, Path], out: Path) -> None:
    assert [leaflet.file for leaflet in leaflets] == [plan.file for plan in PLANS]
    for leaflet in leaflets:
        with pikepdf.open(out / leaflet.file) as pdf:
            assert len(pdf.pages) == leaflet.pages
        assert (out / leaflet.file).stat().st_size == leaflet.bytes
        assert leaflet.bytes < 150_000, "too much for a phone without a good connection"


def test_the_page_lists_them_with_type_size_and_pages(
    leaflets: list[Leaflet], out: Path, service: Service, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LEAFLETS", out / LISTING)
    shown = [line for line in lists.leaflets(service.values).splitlines() if line.startswith("- ")]
    assert len(shown) == len(leaflets)
    for leaflet in leaflets:
        first = f"leaflets/{leaflet.page}.md" if leaflet.page else f"leaflets/{leaflet.file}"
        [line] = [line for line in shown if f"[{leaflet.title}]({first})" in line]  # the web page comes before the PDF
        assert f"](leaflets/{leaflet.file})" in line
        assert f"{leaflet.pages} page" in line and f"{round(leaflet.bytes / 1000)} KB" in line


@pytest.mark.parametrize("name", NAMES)
def test_the_file_name_gives_nothing_away(name: str) -> None:
    """The file name stays in the list of downloads, which other people may see."""
    assert not any(word in name for word in ("restorative", "justice", "crime", "victim", "harm", "offend", "rj"))


def test_the_licence_lies_beside_the_fonts(root: Path, service: Service) -> None:
    assert "SIL Open Font License, Version 1.1" in (root / "leaflet/fonts/OFL.txt").read_text()
    assert {path.suffix for path in (root / "leaflet/fonts").iterdir()} == {".ttf", ".txt"}
