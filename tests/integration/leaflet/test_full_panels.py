"""A leaflet of a fixed size has room for a service with long details, or the build reports what to shorten."""

from pathlib import Path
from typing import Any

import pymupdf
import pytest
import zxingcpp
from PIL import Image

from leaflet.build import HERE
from leaflet.errors import LeafletError
from leaflet.shortcodes import form_url
from leaflet.typeset import typeset
from service_profile import Service
from tests.support.leaflet_blocks import edition_of, service_with
from tests.support.pdf import FOLDS_MM, folds_with_ink, overlapping_words, pixels, spans

pytestmark = pytest.mark.long

DOMAIN = "restorative-justice.cambridgeshire.example.org.uk"
LONG_DETAILS: dict[str, Any] = {
    "name": "The Cambridgeshire, Peterborough and Huntingdonshire Restorative Justice Partnership",
    "area": "Cambridgeshire, Peterborough, Huntingdonshire, Fenland and the Isle of Ely",
    "email": f"restorative.justice.team@{DOMAIN}",
    "form_address": f"https://referrals.{DOMAIN}/referral/",
    "opening_hours": "Monday to Thursday, 8.30am to 5.30pm, and Friday, 8.30am to 4pm, except on bank holidays",
    "second_phone": {"label": "Evenings and weekends, answered by our partner", "number": "01632 960789"},
}


@pytest.fixture
def full_service(tmp_path: Path, service: Service) -> Service:
    """Return the service with a logo, a second phone, a promise to reply and three funders, two with a logo."""
    logos = {name: tmp_path / f"{name}.png" for name in ("service", "wide", "square")}
    for name, path in logos.items():
        Image.new("RGB", (300 if name == "square" else 900, 300), "#333366").save(path)
    return service_with(
        service,
        logo={"picture": str(logos["service"]), "alt": "The Service"},
        funders=[
            {"name": "The Office of the Police and Crime Commissioner", "picture": str(logos["wide"]), "url": ""},
            {"name": "Tarn Council", "picture": str(logos["square"]), "url": ""},
            {"name": "The Tarn Fund", "picture": "", "url": ""},
        ],
        second_phone={"label": "Out of hours", "number": "01632 960789"},
        response_promise="within 2 working days",
    )


def make_pdf(service: Service, file: str) -> pymupdf.Document:
    edition = edition_of(file)
    return pymupdf.open(stream=typeset(edition.template, edition.make_document(service, HERE), "2026-11-26"))


@pytest.mark.parametrize("file", ["leaflet-to-fold.pdf", "leaflet-2-to-fold.pdf"])
def test_the_folded_leaflet_has_room_for_logo_funders_and_a_second_phone(full_service: Service, file: str) -> None:
    with make_pdf(full_service, file) as pdf:
        text = " ".join("".join(page.get_text() for page in pdf).split())
        for expected_text in (
            "Out of hours: 01632 960789",
            "We will reply within 2 working days",
            "The Tarn Fund",
            "call 999.",
        ):
            assert expected_text in text, expected_text
        for page, folds in zip(pdf, FOLDS_MM, strict=True):
            assert overlapping_words(page) == []
            assert folds_with_ink(page, folds) == []
            assert min(span["size"] for span in spans(page)) >= 12.49
        qr_code_urls = [barcode.text for barcode in zxingcpp.read_barcodes(pixels(pdf[0], 150))]
        assert qr_code_urls == [form_url(full_service)]


@pytest.mark.parametrize("file", ["pocket-card.pdf", "poster.pdf", "leaflet-2-to-fold.pdf"])
def test_long_details_fit_beside_logo_and_funders(full_service: Service, file: str) -> None:
    with make_pdf(service_with(full_service, **LONG_DETAILS), file) as pdf:
        for page in pdf:
            assert overlapping_words(page) == []


def test_a_panel_that_is_too_long_is_reported_with_its_file_and_longest_parts(full_service: Service) -> None:
    funders = [{"name": f"The Foundation of the Guild of {number}", "picture": "", "url": ""} for number in range(12)]
    with pytest.raises(LeafletError) as excinfo:
        make_pdf(service_with(full_service, **LONG_DETAILS, funders=funders), "leaflet-to-fold.pdf")
    message = str(excinfo.value)
    assert message.startswith("leaflet.md, on the folded leaflet: the panel “back” is too long by ")
    assert "Most of it is the contact details (" in message and "the funders (" in message
    assert message.endswith(" Shorten it, here or under Settings, or move a paragraph to another panel.")
