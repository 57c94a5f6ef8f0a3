"""The leaflets contain every word of their sources, in the same order."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from form_service.referral.questions import PAGES, Question, Route
from leaflet.editions import LEAFLET_PANELS
from leaflet.paper_form import BRANCH_NOTES, REFERRER_ROUTES, SELF_REFERRAL_ROUTES
from leaflet.shortcodes import leaflet_facts
from service_profile import Service, fill
from tests.support.pdf import TaggedPDF

pytestmark = pytest.mark.long


PLACEHOLDER_PATTERN = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def _source_words(text: str, facts: dict[str, str]) -> Iterator[str]:
    """Yield the words that a leaflet's Markdown should print, without its markup.

    Lines with a shortcode or an empty placeholder are left out.
    """
    for line in text.splitlines():
        if line.startswith("[[") or any(not facts[name] for name in PLACEHOLDER_PATTERN.findall(line)):
            continue
        plain_text = re.sub(r"^(#+|-|\d+\.)\s+", "", line).replace("**", "")
        yield from fill(plain_text, facts).split()


def _first_missing_word(expected_words: list[str], actual_words: list[str]) -> str | None:
    """Return the first expected word that `actual_words` lacks or has out of order, after up to six words of context.

    Return None if `actual_words` contains all expected words in order.
    """
    position = 0
    for index, word in enumerate(expected_words):
        try:
            position = actual_words.index(word, position) + 1
        except ValueError:
            return " ".join(expected_words[max(0, index - 6) : index + 1])
    return None


def _without_panel(text: str, name: str) -> str:
    start = text.index(f"[[panel: {name}]]")
    return text[:start] + text[text.index("[[panel:", start + 2) :]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("leaflet-to-read", "leaflet.md"),
        ("leaflet-to-fold", "leaflet.md"),
        ("leaflet-large-print", "leaflet.md"),
        ("leaflet-easy-read", "easy-read.md"),
    ],
)
def test_every_word_is_read_out_in_the_order_of_the_source(
    pdf_paths: dict[str, Path], service: Service, root: Path, name: str, source: str
) -> None:
    text = (root / "leaflet" / source).read_text()
    if source == "leaflet.md":
        text = _without_panel(text, "discreet cover")
    expected_words = list(_source_words(text, leaflet_facts(service)))
    assert len(expected_words) > 250
    assert _first_missing_word(expected_words, TaggedPDF(pdf_paths[name]).words()) is None


def test_a_screen_reader_separates_the_ways_to_contact_the_team(pdf_paths: dict[str, Path], service: Service) -> None:
    """Without a space, “01632 960123Text:” would be read out, and nobody could dial the number."""
    contact_words = [
        "Phone:",
        *str(service["phone"]).split(),
        "Text:",
        *str(service["text_number"]).split(),
        "Email:",
        service["email"],
    ]
    for name in (
        "leaflet-to-read",
        "leaflet-to-fold",
        "leaflet-large-print",
        "form-for-yourself",
        "form-for-someone-else",
    ):
        words = TaggedPDF(pdf_paths[name]).words()
        start = words.index("Phone:")
        assert words[start : start + len(contact_words) + 1] == [*contact_words, "Online:"], name


def test_every_number_and_address_in_a_leaflet_comes_from_the_settings(
    pdf_paths: dict[str, Path], service: Service
) -> None:
    facts_text = " ".join(leaflet_facts(service).values())
    for name, path in pdf_paths.items():
        text = " ".join(TaggedPDF(path).words())
        for match in re.findall(
            r"\b0\d[\d ]{7,}\d\b|\b\d{3,6}\b|[\w.]+@[\w.]+\w|\b[\w.-]+\.(?:uk|org|com)\b\S*\w", text
        ):
            assert match in facts_text, f"{name}: {match}"


def test_easy_read_has_one_short_sentence_a_line(root: Path) -> None:
    for line in (root / "leaflet" / "easy-read.md").read_text().splitlines():
        if line and not line.startswith(("#", "[[", "{{")):
            plain_text = re.sub(r"^\d+\.\s+", "", line.replace("**", ""))
            assert len(plain_text.split()) <= 14, line
            assert len(re.findall(r"[.?!](?:\s|$)", plain_text)) <= 1, line


def test_every_panel_of_the_source_except_the_discreet_ones_has_a_place_on_the_sheet(root: Path) -> None:
    text = (root / "leaflet" / "leaflet.md").read_text()
    panel_names = re.findall(r"\[\[panel: (.*?)\]\]", text)
    assert [name for name in panel_names if not name.startswith("discreet")] == list(LEAFLET_PANELS)


PAPER_FORMS = [("form-for-yourself", SELF_REFERRAL_ROUTES), ("form-for-someone-else", REFERRER_ROUTES)]


def _questions_of(routes: tuple[Route, ...]) -> list[Question]:
    return [question for page in PAGES for question in page.questions if question.asked_of & set(routes)]


@pytest.mark.parametrize(("name", "routes"), PAPER_FORMS)
def test_the_paper_form_asks_every_question_of_the_web_form(
    pdf_paths: dict[str, Path], service: Service, name: str, routes: tuple[Route, ...]
) -> None:
    text = " ".join(TaggedPDF(pdf_paths[name]).words())
    for question in _questions_of(routes):
        label = " ".join(fill(question.label.for_route(routes[0]), service.facts).split())
        assert label in text, question.name
        for choice in question.choices:
            if choice.value not in set(Route) - set(routes):
                choice_label = fill(choice.label.for_route(routes[0]), service.facts)
                assert " ".join(choice_label.split()) in text, (question.name, choice.value)
        if question.when and question.when.value not in set(Route):
            assert "If you ticked “" in text


def test_both_paper_forms_together_have_every_question() -> None:
    names = {question.name for _, routes in PAPER_FORMS for question in _questions_of(routes)}
    assert names == {question.name for page in PAGES for question in page.questions}


def test_every_note_on_paper_belongs_to_an_answer_of_the_form() -> None:
    answers = {(question.name, choice.value) for question in _questions_of(tuple(Route)) for choice in question.choices}
    assert set(BRANCH_NOTES) <= answers


@pytest.mark.parametrize(("name", "routes"), PAPER_FORMS)
def test_the_paper_form_cannot_be_filled_in_on_a_shared_computer(
    pdf_paths: dict[str, Path], name: str, routes: tuple[Route, ...]
) -> None:
    with TaggedPDF(pdf_paths[name]).pdf as pdf:
        assert "/AcroForm" not in pdf.Root
