"""Pages, web form, paper form and leaflets use the same wording for the same thing."""

import re
from pathlib import Path

import pytest

from form_service.referral.questions import Route
from form_service.referral.questions.referrer import AGREEMENT, AGREEMENT_TO_WAIT
from leaflet.paper_form import REFERRER_ROUTES, SELF_REFERRAL_ROUTES, PaperForm
from service_profile import Service, fill

STEP_NAMES = ["You ask us", "We meet you", "We help you get ready", "The meeting", "Afterwards"]
COURT_SENTENCE = "Until the case is over, we will not contact the other person"


def text_on_one_line(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


def numbered_items(text: str, heading: str) -> list[str]:
    """Return the items of the first numbered list in `text` below `heading`."""
    lines = text[text.index(heading) :].splitlines()
    first_index = next(index for index, line in enumerate(lines) if line.startswith("1. "))
    items = []
    for line in lines[first_index:]:
        if not re.match(r"\d+\. ", line):
            break
        items.append(line.partition(". ")[2])
    return items


def test_page_and_leaflet_have_the_same_six_questions(root: Path) -> None:
    page_text = (root / "docs" / "what-is-restorative-justice.md").read_text(encoding="utf-8")
    leaflet_text = (root / "leaflet" / "leaflet.md").read_text(encoding="utf-8")
    questions = numbered_items(page_text, "### Restorative justice asks")
    assert len(questions) == 6
    assert numbered_items(leaflet_text, "Restorative justice asks:") == questions


def test_the_five_steps_have_the_same_names_everywhere(root: Path) -> None:
    headings = re.findall(r"^## \d\. (.+)$", (root / "docs" / "what-happens.md").read_text(encoding="utf-8"), re.M)
    assert headings == STEP_NAMES
    home_text = (root / "docs" / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"^\d\. \{\{ drawing\.\w+ \}\} \*\*(.+?)\*\*", home_text, re.M) == STEP_NAMES
    for file in ("leaflet.md", "caused-harm.md"):
        text = (root / "leaflet" / file).read_text(encoding="utf-8")
        assert re.findall(r"^\d\. \*\*(.+?)\.\*\*", text, re.M) == STEP_NAMES, file


@pytest.mark.parametrize(
    "file",
    [
        *("docs/harmed.md", "docs/caused-harm.md", "docs/what-happens.md", "docs/questions.md"),
        *("docs/what-is-restorative-justice.md", "leaflet/leaflet.md", "leaflet/caused-harm.md"),
    ],
)
def test_every_text_has_the_same_sentence_about_court_cases(root: Path, file: str) -> None:
    assert COURT_SENTENCE in text_on_one_line(root / file)


@pytest.mark.parametrize("file", ["leaflet.md", "caused-harm.md", "paper-form.md"])
def test_leaflets_take_the_limits_of_confidentiality_from_the_settings(root: Path, file: str) -> None:
    assert "{{ confidentiality }}" in text_on_one_line(root / "leaflet" / file)


@pytest.mark.parametrize("routes", [SELF_REFERRAL_ROUTES, REFERRER_ROUTES])
def test_the_paper_form_and_the_web_form_have_the_same_agreement(service: Service, routes: tuple[Route, ...]) -> None:
    groups = PaperForm(routes, service.facts).blocks()
    paper_questions = {question["name"]: question for group in groups for question in group.get("questions", [])}
    for question in (AGREEMENT, AGREEMENT_TO_WAIT):
        paper_question = paper_questions[question.name]
        assert [choice["label"] for choice in paper_question["choices"]] == [str(question.label.for_route(routes[0]))]
        assert paper_question["hint"] == fill(str(question.hint.for_route(routes[0])), service.facts)
        assert paper_question["how"] == f"{question.error.for_route(routes[0])}."


@pytest.mark.parametrize("routes", [SELF_REFERRAL_ROUTES, REFERRER_ROUTES])
def test_on_paper_nobody_without_a_safe_contact_method_is_asked_to_agree_to_contact(
    service: Service, routes: tuple[Route, ...]
) -> None:
    groups = list(PaperForm(routes, service.facts).blocks())
    paper_questions = {question["name"]: question for group in groups for question in group.get("questions", [])}
    [note] = [
        choice["note"] for choice in paper_questions["reach"]["choices"] if "None of these is safe" in choice["label"]
    ]
    first_number, last_number, agreement_number = (
        paper_questions[name]["number"] for name in ("times", "must_not", "agreement")
    )
    assert f"Leave questions {first_number} to {last_number} and {agreement_number} blank." in note
    for name in ("times", "agreement"):
        assert f"in question {paper_questions['reach']['number']}:" in paper_questions[name]["only"]
    assert "None of these is safe" in paper_questions["agreement_to_wait"]["only"]


def test_pages_and_emails_name_the_exceptions_to_a_cancellation(root: Path) -> None:
    exceptions_text = "if someone could be seriously harmed, or if the law says they must."
    for page in ("withdraw", "notice", "withdrawn"):
        assert exceptions_text in text_on_one_line(root / "overrides" / "form" / f"{page}.html"), page
    notices_text = text_on_one_line(root / "form_service" / "mail" / "notices.py")
    assert notices_text.count("unless your safeguarding rules say that you") == 2
