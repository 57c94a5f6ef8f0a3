"""Edited texts, settings and colours are printed correctly, and mistakes in texts are reported with file and line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from leaflet import pictures, typeset
from leaflet.build import LeafletError, build_all
from leaflet.colours import print_colours
from leaflet.markdown import MarkdownSource
from service_profile import Service
from service_profile import pictures as shared_pictures
from service_profile.contrast import contrast
from tests.support.leaflet_blocks import leaflet_blocks
from tests.support.pdf import TaggedPDF

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Call us.\n\nOn {{ fone }}\n",
            "leaflet.md, line 3: there is no fact called {{ fone }}. Did you mean {{ phone }}?",
        ),
        ("Words\n\n| a | b |\n| - | - |\n| 1 | 2 |\n", "leaflet.md, line 3: a table cannot be used"),
        ("Words <b>bold</b>\n", "leaflet.md, line 1: HTML cannot be used"),
        ("<div>\n</div>\n", "leaflet.md, line 1: HTML cannot be used"),
        ("- one\n    - two\n", "a list inside a list cannot be used"),
        ("![x](x.png)\n", "leaflet.md, line 1: ![…] does not work in a leaflet"),
        (
            "# One\n\n### Three\n",
            "leaflet.md, line 3: the heading has ###. It should have ##: at most one #",
        ),
        ("[[pictur: talk]]\n", "leaflet.md, line 1: there is no shortcode called “pictur”. Did you mean “picture”?"),
        ("[[picture: tlak]]\n", "leaflet.md, line 1: there is no picture called “tlak”. Did you mean “talk”?"),
        ("[[statistic: hapy]]\n", "leaflet.md, line 1: there is no statistic called “hapy”. Did you mean “happy”?"),
        (
            "Words [[contact]] words\n",
            "leaflet.md, line 1: a shortcode in double square brackets needs its own line",
        ),
        ("Words\n\n    four spaces\n", "leaflet.md, line 3: this line starts with four spaces"),
    ],
)
def test_a_mistake_in_a_leaflet_is_reported_with_its_line(service: Service, text: str, message: str) -> None:
    with pytest.raises(LeafletError) as excinfo:
        leaflet_blocks(service, text)
    assert message in str(excinfo.value)


@pytest.fixture
def texts_folder(tmp_path: Path, root: Path) -> Path:
    """Return a folder with copies of the leaflets' Markdown files, which tests may change."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for path in (root / "leaflet").glob("*.md"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def build_leaflets(texts_folder: Path, service: Service, cache: Path) -> Callable[[], object]:
    """Return a function that builds all leaflets from `texts_folder` into its subfolder out."""
    return lambda: build_all(texts_folder / "out", service, cache, texts_folder)


def test_a_panel_that_is_too_long_is_reported_with_the_number_of_lines_to_remove(
    texts_folder: Path, build_leaflets: Callable[[], object]
) -> None:
    path = texts_folder / "leaflet.md"
    extra_text = "One more sentence that takes the room of about two lines in a panel.\n\n" * 12
    path.write_text(path.read_text().replace("[[panel: inside middle]]", f"{extra_text}[[panel: inside middle]]"))
    with pytest.raises(
        LeafletError, match=r"^leaflet.md, .*the panel “inside left” is too long by \d+ lines?\. Most of it is “"
    ):
        build_leaflets()


def test_removing_the_stated_number_of_lines_makes_the_panel_fit(
    texts_folder: Path, build_leaflets: Callable[[], object]
) -> None:
    path = texts_folder / "leaflet.md"
    path.write_text(
        path.read_text().replace("[[panel: inside middle]]", "- A line.\n" * 60 + "\n[[panel: inside middle]]")
    )
    with pytest.raises(LeafletError) as excinfo:
        build_leaflets()
    excess_line_count = int(str(excinfo.value).split("too long by ")[1].split()[0])
    path.write_text(path.read_text().replace("- A line.\n" * 60, "- A line.\n" * (60 - excess_line_count)))
    build_leaflets()


def test_the_error_names_a_missing_panel(texts_folder: Path, build_leaflets: Callable[[], object]) -> None:
    path = texts_folder / "leaflet.md"
    path.write_text(path.read_text().replace("[[panel: back]]\n", ""))
    with pytest.raises(LeafletError, match=r"the panel “back” is missing"):
        build_leaflets()


def test_the_error_names_a_misspelt_panel_and_its_line(
    texts_folder: Path, build_leaflets: Callable[[], object]
) -> None:
    path = texts_folder / "leaflet.md"
    path.write_text(path.read_text().replace("[[panel: back]]", "[[panel: backk]]"))
    with pytest.raises(
        LeafletError, match=r"leaflet.md, line \d+: there is no panel called “backk”. Did you mean “back”\?"
    ):
        build_leaflets()


def test_a_character_that_cannot_be_printed_is_reported_with_its_line(
    texts_folder: Path, build_leaflets: Callable[[], object]
) -> None:
    """Without this error, an empty box would be printed."""
    path = texts_folder / "leaflet.md"
    path.write_text(path.read_text().replace("## What it is", "## What it is ☂"))
    line = path.read_text().splitlines().index("## What it is ☂") + 1
    with pytest.raises(LeafletError, match=f"leaflet.md, line {line}: the leaflets' font cannot print “☂”"):
        build_leaflets()


def test_an_edit_appears_in_the_next_build(texts_folder: Path, build_leaflets: Callable[[], object]) -> None:
    build_leaflets()
    original_bytes = (texts_folder / "out" / "leaflet-to-read.pdf").read_bytes()
    path = texts_folder / "leaflet.md"
    path.write_text(path.read_text().replace("## What it is", "## What this is"))
    build_leaflets()
    assert (texts_folder / "out" / "leaflet-to-read.pdf").read_bytes() != original_bytes


def test_a_typst_warning_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typst itself only warns, for example of a missing font, and then uses another font."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "odd.typ").write_text('#set document(title: "T")\n#set text(font: "No such face")\nWords')
    monkeypatch.setattr(typeset, "HERE", tmp_path)
    with pytest.raises(LeafletError, match="odd: unknown font family"):
        typeset.typeset("odd", {}, "2026-01-01")


def test_markdown_characters_in_a_setting_are_printed_literally() -> None:
    source = MarkdownSource(
        "leaflet.md", "It is {{ name }} and *{{ area }}*.\n", {"name": "**A** <b> [x](y) #1 | $z$ @a", "area": "_B_"}
    )
    [panel] = source.panels()
    assert "".join(run["text"] for run in panel.blocks[0]["runs"]) == "It is **A** <b> [x](y) #1 | $z$ @a and _B_."


def test_typst_commands_in_a_text_are_printed_literally(
    texts_folder: Path, build_leaflets: Callable[[], object]
) -> None:
    path = texts_folder / "leaflet.md"
    path.write_text(path.read_text().replace("## What it is", "## What \\#it() is \\$x\\$ \\@y \\<z>"))
    build_leaflets()
    assert "What #it() is $x$ @y <z>" in " ".join(TaggedPDF(texts_folder / "out" / "leaflet-to-read.pdf").words())


@pytest.mark.parametrize("name", shared_pictures.names())
def test_each_picture_has_a_description_and_the_services_colours(service: Service, name: str) -> None:
    colours = print_colours(service["look"]["light"])
    svg, alt = pictures.draw_picture(name, colours)
    assert len(alt.split()) >= 2
    assert "var(" not in svg
    assert "style=" not in svg
    assert "\n\n" not in svg
    assert colours["accent"] in svg or colours["ink"] in svg


def test_print_colours_have_enough_contrast_on_white_and_on_panels(service: Service) -> None:
    colours = print_colours(service["look"]["light"])
    for name in ("ink", "quiet", "accent", "warm", "link"):
        assert contrast(colours[name], colours["panel"]) >= 7
        assert contrast(colours[name], "#ffffff") >= 7
    assert contrast(colours["on_accent"], colours["accent"]) >= 7


def test_pale_colours_are_darkened_for_print(service: Service) -> None:
    colours = print_colours({**service["look"]["light"], "accent": "#59b0a8", "quiet": "#999999"})
    assert contrast(colours["accent"], colours["panel"]) >= 7
    assert contrast(colours["quiet"], colours["panel"]) >= 7
