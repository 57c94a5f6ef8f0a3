"""Printed leaflets have no text that is cut off, overlapping, too pale or too small."""

from collections import Counter
from pathlib import Path

import numpy
import pymupdf
import pytest
import zxingcpp

from leaflet.build import build_all
from leaflet.editions import EDITIONS
from leaflet.pictures import people_svg
from service_profile import Service
from service_profile.contrast import contrast
from tests.support.pdf import (
    FOLDS_MM,
    POINTS_PER_MM,
    TaggedPDF,
    folds_with_ink,
    overlapping_words,
    pixels,
    spans,
    words,
    words_near_edge,
)

pytestmark = pytest.mark.long

LEAFLET_NAMES = [edition.file.removesuffix(".pdf") for edition in EDITIONS]


@pytest.mark.parametrize("name", LEAFLET_NAMES)
def test_no_text_overlaps_or_is_cut_off(pdf_paths: dict[str, Path], name: str) -> None:
    with pymupdf.open(pdf_paths[name]) as pdf:
        for page in pdf:
            assert overlapping_words(page) == []
            assert words_near_edge(page) == []


def test_ink_stays_clear_of_edges_and_folds(pdf_paths: dict[str, Path]) -> None:
    with pymupdf.open(pdf_paths["leaflet-to-fold"]) as pdf:
        assert [(round(page.rect.width / POINTS_PER_MM), round(page.rect.height / POINTS_PER_MM)) for page in pdf] == [
            (297, 210),
            (297, 210),
        ]
        for page, folds in zip(pdf, FOLDS_MM, strict=True):
            assert folds_with_ink(page, folds) == []
            ink = pixels(page, 127, colour=False) < 245
            assert ink[24:-24, 24:-24].sum() == ink.sum(), "ink within 4.8 mm of the edge"


def test_long_names_and_addresses_fit_in_their_panels(tmp_path: Path, service: Service) -> None:
    """The service has a long name and long addresses, and offers every kind of support."""
    domain = "restorative-justice.cambridgeshire.example.org.uk"
    long_values = {
        "name": "The Cambridgeshire, Peterborough and Huntingdonshire Restorative Justice Partnership",
        "email": f"restorative.justice.team@{domain}",
        "secure_email": f"restorative.justice.team@{domain}.cjsm.net",
        "form_address": f"https://referrals.{domain}/referral/",
        "response_promise": "within 2 working days",
        "offers": ["interpreter", "bsl", "easy_read", "large_print", "braille"],
    }
    facts = {**service.facts, **{name: value for name, value in long_values.items() if isinstance(value, str)}}
    leaflets = build_all(
        tmp_path, Service({**service.values, **long_values}, facts, service.site_url), tmp_path / "cache"
    )
    for leaflet in leaflets:
        with pymupdf.open(tmp_path / leaflet.file) as pdf:
            for page, folds in zip(pdf, FOLDS_MM if leaflet.kind == "fold" else [()] * len(pdf), strict=True):
                assert overlapping_words(page) == [], leaflet.file
                assert words_near_edge(page) == [], leaflet.file
                assert folds_with_ink(page, folds) == []


@pytest.mark.parametrize(
    ("name", "minimum_size"),
    [
        ("leaflet-to-fold", 12.5),
        ("leaflet-to-read", 11),
        ("leaflet-large-print", 16),
        ("leaflet-easy-read", 14),
        ("form-for-yourself", 11),
        ("form-for-someone-else", 11),
    ],
)
def test_text_is_large_enough_to_read(pdf_paths: dict[str, Path], name: str, minimum_size: float) -> None:
    with pymupdf.open(pdf_paths[name]) as pdf:
        sizes = Counter(round(span["size"], 2) for page in pdf for span in spans(page) for _ in span["text"])
    assert min(sizes) >= minimum_size
    if name == "leaflet-large-print":
        assert sizes.most_common(1)[0][0] == 18
    if name == "leaflet-easy-read":
        assert sizes.most_common(1)[0][0] == 16


@pytest.mark.parametrize("name", LEAFLET_NAMES)
def test_all_text_has_a_contrast_of_seven_to_one(pdf_paths: dict[str, Path], name: str) -> None:
    with pymupdf.open(pdf_paths[name]) as pdf:
        for page in pdf:
            page_pixels = pixels(page).astype(numpy.uint32) @ numpy.array([65536, 256, 1], dtype=numpy.uint32)
            for span in spans(page):
                left, top, right, bottom = (round(max(coordinate, 0) * 100 / 72) for coordinate in span["bbox"])
                shades, counts = numpy.unique(page_pixels[top:bottom, left:right], return_counts=True)
                background = int(shades[counts.argmax()])
                ratio = contrast(f"#{span['color']:06x}", f"#{background:06x}")
                assert ratio >= 6.99, f"page {page.number + 1}: {span['text']!r} has {ratio:.1f}:1"


@pytest.mark.parametrize("name", LEAFLET_NAMES)
def test_every_picture_has_a_description_and_is_printed(pdf_paths: dict[str, Path], name: str) -> None:
    tagged_pdf = TaggedPDF(pdf_paths[name])
    figures = tagged_pdf.figures()
    assert figures or name.startswith("form-")
    with pymupdf.open(pdf_paths[name]) as pdf:
        for figure in figures:
            assert len(figure.alt.split()) >= 2, figure
            pixmap = pdf[figure.page].get_pixmap(dpi=100, clip=figure.box, colorspace=pymupdf.csGRAY)
            grey_values = numpy.frombuffer(pixmap.samples, dtype=numpy.uint8)
            ink_share = (numpy.abs(grey_values.astype(int) - numpy.bincount(grey_values).argmax()) > 60).mean()
            assert ink_share > 0.04, f"{figure.alt}: hardly anything is drawn ({ink_share:.1%})"


def test_a_picture_is_beside_its_sentences(pdf_paths: dict[str, Path]) -> None:
    """In the Easy Read leaflet, every small picture has text to its right."""
    figures = TaggedPDF(pdf_paths["leaflet-easy-read"]).figures()
    with pymupdf.open(pdf_paths["leaflet-easy-read"]) as pdf:
        for figure in (figure for figure in figures if figure.box.width < 45 * POINTS_PER_MM):
            boxes_to_the_right = [
                box
                for box, _ in words(pdf[figure.page])
                if box.x0 > figure.box.x1 and box.intersects(pymupdf.Rect(0, figure.box.y0, 1000, figure.box.y1))
            ]
            assert boxes_to_the_right, figure.alt


@pytest.mark.parametrize("name", ["leaflet-to-read", "leaflet-to-fold", "leaflet-large-print", "leaflet-easy-read"])
def test_the_qr_code_leads_to_the_form_and_phone_and_email_are_printed(
    pdf_paths: dict[str, Path], service: Service, name: str
) -> None:
    with pymupdf.open(pdf_paths[name]) as pdf:
        qr_code_urls = [barcode.text for page in pdf for barcode in zxingcpp.read_barcodes(pixels(page, 150))]
        text = " ".join(page.get_text() for page in pdf)
    form_url = str(service["form_address"])
    assert qr_code_urls == [form_url if form_url.startswith("https:") else service.site_url.rstrip("/") + form_url]
    for setting in ("phone", "email"):
        assert str(service[setting]) in text


def test_pictures_of_statistics_show_the_right_number_of_people(service: Service) -> None:
    for statistic in service["statistics"].values():
        picture = people_svg(statistic["value"], statistic["of"], "#0f5156")
        assert picture.count("<circle") == statistic["of"]
        assert picture.count('fill="#0f5156"') == statistic["value"]
