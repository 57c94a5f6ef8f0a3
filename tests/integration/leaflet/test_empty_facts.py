"""A leaflet leaves out what a service does not have, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leaflet.build import HERE, build_all
from service_profile import Service
from tests.support.leaflet_blocks import edition_of, leaflet_blocks, service_with
from tests.support.pdf import TaggedPDF

pytestmark = pytest.mark.long

OPTIONAL_HELPLINES = ("emergency", "silent_solution", "emergency_text", "relay_uk")


def service_without(service: Service, *helpline_names: str, **values: Any) -> Service:
    """Return `service` without the helplines in `helpline_names`, and with its settings changed to `values`."""
    helplines = {name: helpline for name, helpline in service["helplines"].items() if name not in helpline_names}
    return service_with(service, **({"helplines": helplines} | values))


def leaflet_text(service: Service, name: str) -> str:
    """Return the text that is typeset in a leaflet, with a space before each paragraph."""
    return "".join(_text_parts(edition_of(f"{name}.pdf").make_document(service, HERE)))


def _text_parts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield str(part.get("text", ""))
        yield " " if "runs" in part else ""
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _text_parts(child)


def paragraph_texts(service: Service, text: str) -> list[str]:
    """Return the text of each paragraph and list item of a leaflet's Markdown, with placeholders replaced."""
    lines = [line for block in leaflet_blocks(service, text) for line in block.get("items", [block.get("runs", [])])]
    return ["".join(run["text"] for run in line) for line in lines]


@pytest.fixture
def minimal_leaflets_folder(tmp_path: Path, service: Service) -> Path:
    """Build the leaflets of a service whose optional details are all empty; return their folder."""
    minimal_service = service_without(
        service,
        *OPTIONAL_HELPLINES,
        text_number="",
        second_phone={"label": "", "number": ""},
        response_promise="",
        post_address=[],
        hand_in_address=[],
        secure_email="",
        offers=[],
        statistics={},
        leaflet={"discreet_cover": True},
    )
    build_all(tmp_path, minimal_service, tmp_path / "cache")
    return tmp_path


def test_leaflets_of_a_service_without_optional_details_show_no_gaps(minimal_leaflets_folder: Path) -> None:
    for path in minimal_leaflets_folder.glob("*.pdf"):
        text = " ".join(TaggedPDF(path).words())
        assert "{{" not in text, path.name
        for gap in (" .", " ,", "to .", "call .", "text .", "If you call on", "In danger", "Are you in danger"):
            assert gap not in text, f"{path.name}: {gap}"


def test_without_a_text_number_the_phone_number_is_still_printed(service: Service) -> None:
    service = service_without(service, text_number="", leaflet={"discreet_cover": True})
    for name in ("leaflet-to-fold", "leaflet-2-to-fold"):
        text = leaflet_text(service, name)
        assert f"If you would rather talk, call {service['phone']}." in text
        assert "or text" not in text


def test_without_the_emergency_text_service_the_line_about_999_is_still_printed(service: Service) -> None:
    emergency_sentence = service["helplines"]["emergency"]["says"]
    for name in ("leaflet-to-read", "leaflet-to-fold", "leaflet-2-to-fold", "form-for-yourself"):
        text = leaflet_text(service_without(service, "emergency_text"), name)
        assert emergency_sentence in text, name
        assert service["helplines"]["emergency_text"]["says"] not in text, name


def test_easy_read_leaves_out_all_sentences_beside_a_picture_if_one_has_an_empty_placeholder(
    service: Service,
) -> None:
    text = leaflet_text(service_without(service, "silent_solution"), "leaflet-easy-read")
    assert "Call 999." in text
    for remnant in ("If you cannot speak", "Listen to the questions", "tap the keys", "Then press"):
        assert remnant not in text


def test_easy_read_keeps_one_statistic_without_the_other(service: Service) -> None:
    statistics = {"satisfied": service["statistics"]["satisfied"]}
    text = leaflet_text(service_without(service, statistics=statistics), "leaflet-easy-read")
    assert "were satisfied with the meeting." in text and "were happy" not in text


@pytest.mark.parametrize(
    ("text", "expected_lines"),
    [
        ("**{{ helplines.emergency.says }}** {{ helplines.emergency_text.says }}", ["{text}"]),
        ("- **Danger.** {{ helplines.emergency.says }} {{ helplines.emergency_text.says }}", ["Danger. {text}"]),
        ("{{ helplines.emergency_text.says }} {{ helplines.emergency.says }} Really.", ["{text} Really."]),
        ("{{ helplines.emergency.says }}", []),
        ("It says {{ helplines.emergency.says }} Yes.", []),
        ("Call {{ helplines.emergency.contact }}. It is free.", []),
    ],
)
def test_an_empty_placeholder_that_is_a_whole_sentence_removes_only_that_sentence(
    service: Service, text: str, expected_lines: list[str]
) -> None:
    """Any other empty placeholder also removes its paragraph or list item."""
    emergency_text = service["helplines"]["emergency_text"]["says"]
    assert paragraph_texts(service_without(service, "emergency"), text) == [
        line.format(text=emergency_text) for line in expected_lines
    ]
