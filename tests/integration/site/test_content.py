"""A mistake in a page is reported with its page and line, and a change to a figure in mkdocs.yml shows everywhere."""

import re
import shutil
from pathlib import Path

import pymupdf
import pytest
from markdown import Markdown

from form_service.referral.questions import QUESTIONS
from leaflet.build import build_all
from service_profile import ProfileError, Service, load
from service_profile.profile import MKDOCS_YML
from service_profile.wording import day_in_words
from site_markdown import SiteExtension, page_facts
from tools.content import check_pages, readability
from tools.publish import build

pytestmark = pytest.mark.long

PAGE_TEMPLATE = """---
title: A page
description: One sentence.
---
# A page

{}
"""


@pytest.fixture
def docs(root: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    shutil.copytree(root / "docs", folder)
    return folder


def problems_of(docs: Path, text: str, name: str = "harmed.md") -> list[str]:
    """Replace the text of the page `name` with `text`; return the problems reported for all pages."""
    (docs / name).write_text(PAGE_TEMPLATE.format(text), encoding="utf-8")
    return check_pages.problems(load(), docs)


def test_the_pages_of_the_project_have_no_problems(root: Path) -> None:
    assert check_pages.problems(load(), root / "docs") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Call {{ fone }}.", "docs/harmed.md, line 7: there is no fact called {{ fone }}. Did you mean {{ phone }}?"),
        (
            "See [help](get-help.md).",
            "docs/harmed.md, line 7: the link goes to get-help.md, which is not there. Did you mean get-help-now.md?",
        ),
        (
            "See [it](what-happens.md#4-the-meting).",
            "docs/harmed.md, line 7: what-happens.md has no heading #4-the-meting. Did you mean #4-the-meeting?",
        ),
        (
            "Meet the offender.",
            "docs/harmed.md, line 7: “offender” is a label. Write “person responsible”, or say it another way.",
        ),
        (
            "You are a victim.",
            "docs/harmed.md, line 7: “victim” is a label. Write “person harmed”, or say it another way.",
        ),
        (
            "![](circle.png)",
            "docs/harmed.md, line 7: the picture circle.png has no description. Between [ and ], say what it shows.",
        ),
        (
            "![A page](/contact.md)",
            "docs/harmed.md, line 7: the link /contact.md begins with a slash. "
            "Write contact.md, which works everywhere.",
        ),
        (
            "See [us](/contact/#not-happy-with-us).",
            "docs/harmed.md, line 7: the link /contact/#not-happy-with-us begins with a slash. "
            "Write contact.md#not-happy-with-us, which works everywhere.",
        ),
        (
            "[Home](/)",
            "docs/harmed.md, line 7: the link / begins with a slash. Write index.md, which works everywhere.",
        ),
        (
            "See [us](/cotnact/).",
            "docs/harmed.md, line 7: the link goes to /cotnact/, which is not there. Did you mean contact.md?",
        ),
        (
            '<a class="button" href="/contact">Us</a>',
            "docs/harmed.md, line 7: the link /contact begins with a slash. Write contact.md, which works everywhere.",
        ),
        (
            "See [us][there].\n\n[there]: /cotnact/",
            "docs/harmed.md, line 9: the link goes to /cotnact/, which is not there. Did you mean contact.md?",
        ),
        (
            "See [us](contact/).",
            "docs/harmed.md, line 7: the link goes to contact/, which is not there. Did you mean contact.md?",
        ),
        (
            "- The first step",
            "docs/harmed.md, line 7: “- The first step” comes from the template. "
            "Write your own words over it, or delete the line.",
        ),
        (
            "{{ diagram.seat }}",
            "docs/harmed.md, line 7: there is no fact called {{ diagram.seat }}. Did you mean {{ diagram.seats }}?",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_page_its_line_and_what_to_do(docs: Path, text: str, message: str) -> None:
    assert message in problems_of(docs, text)


def test_words_such_as_victim_are_not_reported_in_names_of_laws_and_services(docs: Path) -> None:
    assert (
        problems_of(docs, "The Victims’ Code and victim services. Words of the service’s own name: {{ name }}.") == []
    )


def test_a_heading_that_differs_from_the_title_is_reported(docs: Path) -> None:
    page = docs / "harmed.md"
    text = page.read_text(encoding="utf-8").replace("# I was harmed", "# Harmed")
    page.write_text(text, encoding="utf-8")
    line = text.split("\n").index("# Harmed") + 1
    assert check_pages.problems(load(), docs) == [
        f"docs/harmed.md, line {line}: the heading “Harmed” and the title at the top of the page must be the same."
    ]


def test_every_page_is_easy_enough_to_read(root: Path) -> None:
    service = load()
    for page in sorted((root / "docs").glob("*.md")):
        assert readability.readability_problem(page.name, page.read_text(encoding="utf-8"), service.values) is None


def test_a_page_that_is_hard_to_read_is_reported_with_its_hardest_sentence() -> None:
    hard_sentence = (
        "Notwithstanding organisational considerations, participants’ individualised preparation necessitates "
        "comprehensive multidisciplinary evaluation."
    )
    message = (
        readability.readability_problem(
            "harmed.md", PAGE_TEMPLATE.format(f"Short words here.\n\n{hard_sentence}"), load().values
        )
        or ""
    )
    assert message.startswith("docs/harmed.md, line 9: the page is hard to read (grade ")
    assert hard_sentence in message


def service_with_replacement(tmp_path: Path, old_text: str, new_text: str, production: bool = False) -> Service:
    text = MKDOCS_YML.read_text(encoding="utf-8")
    assert text.count(old_text) == 1
    path = tmp_path / "mkdocs.yml"
    path.write_text(text.replace(old_text, new_text), encoding="utf-8")
    return load(path, production=production)


def test_a_changed_figure_changes_the_text_the_picture_and_the_leaflet(tmp_path: Path) -> None:
    service = service_with_replacement(tmp_path, "        value: 85\n", "        value: 84\n")
    facts = page_facts(service.values)
    assert facts["statistics.satisfied.sentence"].startswith("84% of people who were harmed")
    picture = facts["picture.satisfied"]
    assert "<title>84% of people who were harmed and met" in picture
    assert (
        "<b><span>84%</span> of people who were harmed and met face to face were satisfied with the meeting.</b>"
        in picture
    )
    filled_count, outlined_count = (part.count("<use ") for part in picture.split('<g fill="var(--paper)">'))
    assert (filled_count, outlined_count) == (84, 16)
    assert "85%" not in picture
    leaflets = build_all(tmp_path / "leaflets", service, tmp_path / "cache")
    with pymupdf.open(tmp_path / "leaflets" / leaflets[1].file) as pdf:
        leaflet_text = "".join(page.get_text() for page in pdf)
    assert "84%" in leaflet_text
    assert "85%" not in leaflet_text


def test_seven_of_ten_people_are_drawn_filled_and_three_in_outline() -> None:
    picture = page_facts(load().values)["picture.happy"]
    people = picture.split('<g transform="translate(')[1:]
    bodies = [person for person in people if re.match(r"\d+ 62\)", person)]
    assert len(bodies) == 10
    assert sum('fill="var(--paper, #ffffff)"' in person for person in bodies) == 3


def test_a_statistic_without_a_year_says_that_it_is_to_be_confirmed() -> None:
    assert "Year to be confirmed." in page_facts(load().values)["picture.happy"]


def test_production_refuses_a_statistic_without_year_or_source(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"statistics\.happy\.year is empty"):
        load(production=True)
    with pytest.raises(ProfileError, match=r"statistics\.satisfied\.year is empty"):
        service_with_replacement(tmp_path, 'year: "2007"', 'year: ""', production=True)
    text = "source: Staffordshire Victim Gateway and Restorative Justice Service"
    with pytest.raises(ProfileError, match=r"statistics\.happy\.source is empty"):
        service_with_replacement(tmp_path, text, 'source: ""', production=True)


def test_pages_promise_only_what_the_service_has_configured(tmp_path: Path) -> None:
    facts = page_facts(load().values)
    assert facts["list.offers"] == (
        "<p>Tell us what would help you take part. We will tell you what we can arrange.</p>"
    )
    assert facts["list.calls"] == ""
    assert facts["list.promise"] == "<p>A member of the team will be in touch.</p>"
    service_with_promise = service_with_replacement(
        tmp_path, 'response_promise: ""', 'response_promise: "within 2 working days"'
    )
    assert "in touch within 2 working days." in page_facts(service_with_promise.values)["list.promise"]
    condition = "Unless you tell us that no way is safe"
    assert facts["list.promise_about_another"] == f"<p>{condition}, the person you refer will hear from us.</p>"
    facts_with_promise = page_facts(service_with_promise.values)
    assert "hear from us within 2 working days." in facts_with_promise["list.promise_about_another"]


@pytest.mark.parametrize("number", ["01632 960777", ""])
def test_pages_mention_texting_only_if_there_is_a_text_number(docs: Path, number: str) -> None:
    values = {**load().values, "text_number": number}
    mention_count = 0
    for page in sorted(docs.glob("*.md")):
        html = Markdown(extensions=["extra", SiteExtension(values=values)]).convert(page.read_text(encoding="utf-8"))
        mention_count += html.count('href="sms:01632960777"')
        assert 'href="sms:"' not in html, page
        if not number:
            assert "<li>Text" not in html and "or text ." not in html and "or text<" not in html, page
            assert "\ufdd0" not in html, page
            assert ", call <a" not in html, f"{page}: a list of two needs “or”"
    assert mention_count == (3 if number else 0)


def test_sentences_without_the_text_number_do_not_offer_texting(root: Path) -> None:
    """If the service has no text number, the lines with its placeholder are left out."""
    other_texts_pattern = r"[Ww]ho to call or text|text spilling|website text|text spacing|\[\[picture: text\]\]"
    for page in [*(root / "docs").glob("*.md"), *(root / "leaflet").glob("*.md")]:
        if page.name not in ("get-help-now.md", "README.md"):
            remaining_text = re.sub(
                r".*\{\{ (?:link\.)?(?:text_number|or_text) \}\}.*|" + other_texts_pattern, "", page.read_text("utf-8")
            )
            assert not re.search(r"\b[Tt]ext\b", remaining_text), page


def test_every_helpline_is_shown_with_its_source_and_date(pages: dict[str, str]) -> None:
    service = load()
    for helpline in service["helplines"].values():
        page = pages["complaints/" if helpline.get("regulator") else "get-help-now/"]
        assert str(helpline["contact"]) in page
        assert helpline["source"] in page
        assert day_in_words(helpline["checked"]) in page


def test_a_failed_build_leaves_the_published_site_and_no_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("as it was")
    monkeypatch.setenv("FORM_SERVER", "http://not-safe.example")
    with pytest.raises(build.BuildError, match="FORM_SERVER"):
        build.build(site=tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]


# Question of the form that depends on no other answer → its wording on the privacy page.
PRIVACY_WORDING_BY_QUESTION = {
    "who": "who you are asking for",
    "side": "whether you were harmed or caused harm",
    "agreed": "tells us whether you agreed",
    "name": "a name to use",
    "age": "whether you are 18 or over",
    "accepts": "whether you accept some responsibility",
    "reach": "how and when to reach you safely",
    "times": "how and when to reach you safely",
    "first_word": "a word that shows you it is us",
    "must_not": "must not do",
    "support": "what would help you take part",
    "harm": "the kind of harm",
    "police": "whether the police know",
    "stage": "what stage the case has reached",
    "worry": "whether there is a court order or anything that worries you about contact",
    "writer_name": "their own name and contact details",
    "writer_contact": "their own name and contact details",
    "work_contact": "their own name and contact details",
    "secure_email": "their own name and contact details",
    "organisation": "their organisation and role",
    "role": "their organisation and role",
    "agreement": "tick a box",
}


def test_the_privacy_page_names_everything_that_the_form_asks(root: Path) -> None:
    page = (root / "docs" / "privacy.md").read_text(encoding="utf-8")
    for question in QUESTIONS:
        if question.when is None:
            assert PRIVACY_WORDING_BY_QUESTION[question.name] in page, question.name
