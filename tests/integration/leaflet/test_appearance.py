"""Visual regression tests: the leaflets look the same as the stored pictures of their pages.

The pages are made from sample text, so that editing a leaflet's text or the service's details does not affect the
tests. After changing templates or pictures, look at the pages under build/looks/; if they are right, store them:
UPDATE_LOOKS=1 .venv/bin/pytest tests/integration/leaflet/test_appearance.py
"""

import os
from pathlib import Path

import numpy
import pymupdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from form_service.referral.questions import Choice, Kind, Page, Question, Words
from form_service.referral.questions.model import OnNewPerson
from leaflet import paper_form
from leaflet.build import build_all
from service_profile import Service
from service_profile.profile import ROOT
from tests.support.pdf import pixels

pytestmark = pytest.mark.long


STORED_PICTURES_FOLDER = Path(__file__).parent / "looks"
WIDTH_PIXELS = 240  # pixels of a stored picture: enough to detect a missing picture, colour or line
FONT_FILES = sorted(
    [*(ROOT / "leaflet" / "fonts").glob("*.ttf"), *(ROOT / "overrides" / "assets" / "fonts").glob("*.woff2")]
)
MAX_DIFFERENCE = 0.004  # share of pixels; a missing picture changes 1.5% to 3%

SAMPLE_TEXTS = {
    "leaflet.md": "\n\n".join(
        f"[[panel: {panel}]]\n\n{text}"
        for panel, text in {
            "cover": "# Sample title\n\n**A line beneath it**\n\n[[picture: talk]]\n\n"
            "- One\n- Two\n\n[[bottom]]\n\nAt the foot",
            "discreet cover": "# Sample",
            "flap": "## A heading\n\nWords with **strong words** among them, and Stoke-on-Trent.\n\n"
            "1. First\n2. Second",
            "back": "## Contact\n\n[[contact]]\n\n[[code]]",
            "inside left": "## Picture\n\n[[picture: circle]]\n\nWords.",
            "inside middle": "## Seven\n\n[[statistic: happy]]",
            "inside right": "## Eighty-five\n\n[[statistic: satisfied]]\n\n[[bottom]]\n\n[[about]]",
        }.items()
    ),
    "pocket-card.md": "[[panel: outside]]\n\n# Sample\n\n[[panel: inside]]\n\nWords.\n",
    "poster.md": "[[panel: poster]]\n\n# Sample\n\n[[panel: foot]]\n\n[[contact]]\n\n[[panel: strip]]\n\nWords.\n",
    "easy-read.md": "# Sample\n\n[[easy read tested]]\n\n"
    + "\n\n".join(
        f"[[picture: {name}]]\n\nOne sentence.\n\nTwo."
        for name in ("harmed", "safe", "told", "danger", "email", "form")
    )
    + "\n\n[[people: happy]]\n\nOne sentence.\n",
    "paper-form.md": "\n\n".join(
        f"[[panel: {panel}]]\n\n# Sample form\n\n- One\n- Two" for panel in ("before yourself", "before someone else")
    )
    + "\n\n[[panel: after]]\n\n## After\n\n[[contact]]\n",
}


def _make_question(name: str, kind: Kind, *choices: str, **details: object) -> Question:
    options = tuple(Choice(choice.lower(), Words(choice)) for choice in choices)
    return Question("1", name, kind, Words(f"Question {name}?"), name, choices=options, **details)  # type: ignore[arg-type]


SAMPLE_PAGES = (
    Page("one", "one", OnNewPerson.KEEP, (_make_question("a", Kind.RADIOS, "Yes", "No"),)),
    Page(
        "two",
        "two",
        OnNewPerson.KEEP,
        (_make_question("b", Kind.TEXT, hint=Words("A hint")), _make_question("c", Kind.TEXTAREA)),
        Words("Section"),
    ),
    Page(
        "three",
        "three",
        OnNewPerson.KEEP,
        (_make_question("d", Kind.CHECKBOXES, *"ABCDEF"), _make_question("e", Kind.AGREE)),
    ),
)


@pytest.fixture(scope="module")
def samples_folder(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Path:
    folder = tmp_path_factory.mktemp("looks")
    for name, text in SAMPLE_TEXTS.items():
        (folder / name).write_text(text)
    (folder / "caused-harm.md").write_text(SAMPLE_TEXTS["leaflet.md"])
    statistic = {"of": 10, "wording": "{value} in {of}", "limits": "Limits.", "source": "Sample", "year": "2000"}
    sample_values = {
        "name": "Sample service",
        "phone": "01632 960111",
        "text_number": "07700 900111",
        "email": "a@example.org",
        "form_address": "https://example.org/form/",
        "opening_hours": "always",
        "review": {"date": "2000-01-01", "version": "1"},
        "statistics": {"happy": {**statistic, "value": 7}, "satisfied": {**statistic, "value": 85, "of": 100}},
    }
    sentences = {f"statistics.{name}.sentence": "A sentence" for name in sample_values["statistics"]}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(paper_form, "PAGES", SAMPLE_PAGES)
        sample_service = Service({**service.values, **sample_values}, {**service.facts, **sentences}, service.site_url)
        build_all(folder, sample_service, folder / "cache", folder)
    return folder


def _small_image(page: pymupdf.Page) -> numpy.ndarray:
    """Return a small greyscale image of the page, in which tiny differences in rendering disappear."""
    full_size_image = Image.fromarray(pixels(page, 80, colour=False))
    return numpy.asarray(
        full_size_image.resize(
            (WIDTH_PIXELS, round(WIDTH_PIXELS * full_size_image.height / full_size_image.width)), Image.Resampling.BOX
        )
    )


def _pixel_difference(first_image: numpy.ndarray, second_image: numpy.ndarray) -> float:
    """Return the share of pixels (0 to 1) that differ visibly, or 1 if the images differ in size."""
    if first_image.shape != second_image.shape:
        return 1.0
    return float((numpy.abs(first_image.astype(int) - second_image.astype(int)) > 40).mean())


@pytest.mark.parametrize(
    "name", ["leaflet-to-read", "leaflet-to-fold", "leaflet-large-print", "leaflet-easy-read", "form-for-yourself"]
)
def test_each_leaflet_looks_like_its_stored_pictures(samples_folder: Path, root: Path, name: str) -> None:
    output_folder = root / "build" / "looks"
    output_folder.mkdir(parents=True, exist_ok=True)
    with pymupdf.open(samples_folder / f"{name}.pdf") as pdf:
        for page in pdf:
            file_name = f"{name}-{page.number + 1}.png"
            current_image = _small_image(page)
            Image.fromarray(current_image).save(output_folder / file_name)
            if os.environ.get("UPDATE_LOOKS"):
                Image.fromarray(current_image).save(STORED_PICTURES_FOLDER / file_name, optimize=True)
            with Image.open(STORED_PICTURES_FOLDER / file_name) as stored_image:
                difference = _pixel_difference(numpy.asarray(stored_image), current_image)
            assert difference < MAX_DIFFERENCE, (
                f"{file_name} changed by {difference:.1%}: compare it in build/looks/ and in {STORED_PICTURES_FOLDER}"
            )
        assert len(list(STORED_PICTURES_FOLDER.glob(f"{name}-?.png"))) == len(pdf)


def test_a_missing_picture_exceeds_the_allowed_difference(samples_folder: Path) -> None:
    with pymupdf.open(samples_folder / "leaflet-to-read.pdf") as pdf:
        page_image = _small_image(pdf[0])
    damaged_image = page_image.copy()
    damaged_image[50:98, 30:80] = 70
    assert _pixel_difference(page_image, damaged_image) > MAX_DIFFERENCE


@pytest.mark.parametrize("font_file", FONT_FILES, ids=lambda font_file: font_file.name)
def test_the_zero_has_no_slash_on_paper_or_on_screen(font_file: Path) -> None:
    """A plain zero has two outlines; a slash splits the inner one, which makes three."""
    with TTFont(font_file) as font:
        assert font["glyf"][font.getBestCmap()[ord("0")]].numberOfContours == 2


@pytest.mark.parametrize("name", ["leaflet-to-fold", "leaflet-2-to-fold", "leaflet-to-read"])
def test_faces_keep_their_colour_in_the_small_picture(pdf_paths: dict[str, Path], name: str) -> None:
    picture = numpy.asarray(Image.open(pdf_paths[name].with_suffix(".png")).convert("RGB")).astype(int)
    skin_pixels = (abs(picture - (0xE0, 0xB0, 0x88)).max(axis=2) < 16).sum()
    assert skin_pixels > 100
