"""Tests that `make new-service` asks questions and writes the answers to mkdocs.yml."""

import difflib
import shutil
from pathlib import Path

import pytest
import yaml

from service_profile import ProfileError, load
from service_profile.contrast import contrast
from service_profile.legibility import problems
from tests.support.project_copy import hue
from tools.content import new_service

pytestmark = pytest.mark.long


ANSWERS = yaml.safe_load((Path(__file__).parents[1] / "support/second-service.yml").read_text())


@pytest.fixture
def mkdocs_yml(tmp_path: Path, root: Path) -> Path:
    return Path(shutil.copyfile(root / "mkdocs.yml", tmp_path / "mkdocs.yml"))


def test_make_new_service_writes_the_answers_and_changes_nothing_else(mkdocs_yml: Path) -> None:
    original_text = mkdocs_yml.read_text()
    new_service.write_answers(ANSWERS, mkdocs_yml)
    service = load(mkdocs_yml)
    assert service["name"] == service["privacy"]["controller"] == "Marlshire Restorative Pathways"
    assert service.facts["statistics.happy.sentence"].startswith("8 in 10 people")
    assert service.site_url == "https://marlshire.example.org/"
    changed_lines = [
        line
        for line in difflib.ndiff(original_text.splitlines(), mkdocs_yml.read_text().splitlines())
        if line[0] in "+-"
    ]
    assert "Staffordshire" not in mkdocs_yml.read_text()
    assert 30 < len(changed_lines) < 120, changed_lines
    assert not [line for line in changed_lines if line.startswith("- ") and line.lstrip("- ").startswith("#")]


def test_production_reports_each_sample_value_in_its_own_line(mkdocs_yml: Path) -> None:
    new_service.write_answers(ANSWERS, mkdocs_yml)
    with pytest.raises(ProfileError) as excinfo:
        load(mkdocs_yml, production=True)
    message = str(excinfo.value)
    for name in ("phone", "text_number", "email", "privacy.contact", "complaints_contact"):
        assert f"extra.service.{name} is still a sample" in message
    assert "year is empty" not in message


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"phone": "call us"}, "phone: is not a phone number"),
        ({"email": "nobody"}, "email: is not an email address: nobody; write it like"),
        ({"site_url": "https://a.example.org.uk/rj/"}, "site_url: must not have anything after the host's name"),
        ({"name": " "}, "name: Please give an answer."),
        ({"colour": "purple"}, "colour: purple is not a colour"),
        ({"colour": "#ffd700"}, "colour: #ffd700 is too light"),
        ({"look.light.ink": "#999999"}, r"look.light.ink \(#999999\) is too close to paper"),
        ({"happy_value": 11}, "happy_value: Write a number from 0 to 10"),
        ({"fone": "1"}, "mkdocs.yml: extra.service.fone is not a setting. Did you mean phone?"),
    ],
)
def test_a_bad_answer_is_reported_and_nothing_is_written(mkdocs_yml: Path, answers: dict, message: str) -> None:
    original_text = mkdocs_yml.read_text()
    with pytest.raises(ProfileError, match=message):
        new_service.write_answers(answers, mkdocs_yml)
    assert mkdocs_yml.read_text() == original_text
    assert list(mkdocs_yml.parent.iterdir()) == [mkdocs_yml]


@pytest.mark.parametrize("colour", ["#000000", "#5b2a86", "#7a1f1f", "#005a30", "#0b0b60"])
def test_every_accepted_colour_is_readable_in_light_and_dark(mkdocs_yml: Path, colour: str) -> None:
    new_service.write_answers({"colour": colour}, mkdocs_yml)
    look = load(mkdocs_yml)["look"]
    assert list(problems(look)) == []
    assert contrast(look["dark"]["accent"], look["dark"]["on_accent"]) >= 4.5


@pytest.mark.parametrize("colour", ["#5b2a86", "#7a1f1f", "#005a30", "#0b0b60"])
def test_the_main_colour_keeps_its_hue_in_the_dark_scheme(mkdocs_yml: Path, colour: str) -> None:
    new_service.write_answers({"colour": colour}, mkdocs_yml)
    look = load(mkdocs_yml)["look"]
    assert look["light"]["accent"] == colour
    assert hue(look["dark"]["accent"]) == pytest.approx(hue(colour), abs=0.03), look["dark"]["accent"]


class Typist:
    """A simulated person at a terminal, who types the given answers and leaves other questions blank."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers, self.output = answers, ""

    def print(self, *words: object, **_options: object) -> None:
        self.output += " ".join(map(str, words)) + "\n"

    def input(self, prompt: str) -> str:
        last_line = [line for line in self.output.splitlines() if line and not line.startswith(" ")][-1]
        question = last_line if prompt.startswith("  [") else prompt.strip()
        self.output += f"{prompt}\n"
        return next(
            (
                texts.pop(0)
                for question_start, texts in self.answers.items()
                if question.startswith(question_start) and texts
            ),
            "",
        )


def run_at_terminal(mkdocs_yml: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> str:
    """Run `make new-service` as a person at a terminal would; return its output.

    `answers` maps the first words of each question to the texts to type.
    """
    typist = Typist(answers)
    monkeypatch.setattr("builtins.input", typist.input)
    monkeypatch.setattr("builtins.print", typist.print)
    assert new_service.main(["--file", str(mkdocs_yml)]) == 0, typist.output
    assert not any(answers.values()), f"never asked: {answers}\n{typist.output}"
    return typist.output


def test_a_person_sets_up_another_service_at_the_terminal(mkdocs_yml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = run_at_terminal(
        mkdocs_yml,
        monkeypatch,
        {
            "Name of the service": ["Marlshire Restorative Pathways"],
            "Short name": ["Marlshire"],
            "Phone number": ["ring me", "(01632) 960777"],
            "Postal address": ["1 High Street; Tarn"],
            "How many people in ten": ["none"],
            "Name of an organisation": ["Netlify"],
            "What it does, in a few words": ["hosts the site"],
        },
    )
    service = load(mkdocs_yml)
    assert (service["short_name"], service["phone"], service["text_number"]) == ("Marlshire", "(01632) 960777", "")
    assert service["post_address"] == ["1 High Street", "Tarn"]
    assert service["privacy"]["processors"] == [{"name": "Netlify", "does": "hosts the site"}]
    assert "happy" not in service["statistics"]
    assert "is not a phone number: write one number only" in output
    assert "As it would be said in “restorative justice in …”. For example: Marlshire" in output, (
        "each question is explained"
    )
    assert "The reporting year" not in output, "there is no figure"
    assert "Staffordshire" not in output.partition("Marlshire Restorative Pathways")[2].partition("is written")[0]
    assert "Before the service can go live" in output and "extra.service.phone is still a sample" in output


def test_running_the_command_again_changes_only_the_answers_typed(
    mkdocs_yml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_service.write_answers(ANSWERS, mkdocs_yml)
    original_text = mkdocs_yml.read_text()
    run_at_terminal(mkdocs_yml, monkeypatch, {})
    assert mkdocs_yml.read_text() == original_text
    output = run_at_terminal(
        mkdocs_yml,
        monkeypatch,
        {"Opening hours": ["Mondays"], "Secure email": ["-"], "What you offer": ["bsl; easy_read"]},
    )
    assert "[Marlshire Restorative Pathways]" in output and "[2025 to 2026]" in output
    service = load(mkdocs_yml)
    assert (service["opening_hours"], service["offers"]) == ("Mondays", ["bsl", "easy_read"])
    assert service.facts["statistics.happy.sentence"].startswith("8 in 10")


def test_the_statistic_can_be_removed_and_added_again(mkdocs_yml: Path) -> None:
    new_service.write_answers({"happy_value": "none"}, mkdocs_yml)
    assert "happy" not in load(mkdocs_yml)["statistics"]
    new_service.write_answers({"happy_value": 6, "happy_year": "2026"}, mkdocs_yml)
    happy_statistic = load(mkdocs_yml)["statistics"]["happy"]
    assert (happy_statistic["value"], happy_statistic["of"], happy_statistic["year"]) == (6, 10, "2026")
    assert happy_statistic["source"] == load(mkdocs_yml)["name"]


def test_no_detail_of_the_previous_service_remains_in_the_new_services_profile(root: Path, tmp_path: Path) -> None:
    file = Path(shutil.copyfile(root / "mkdocs.yml", tmp_path / "mkdocs.yml"))
    old_profile = load(file)
    old_details: new_service.Answers = {
        "about.who": "We are the old team.",
        "response_promise": "within a day",
        "accessibility.tested": "2026-01-01",
        "second_phone.label": "Evenings",
        "second_phone.number": "01632 960111",
        "logo.picture": "pictures/a.png",
        "funders": [{"name": "The old council", "picture": "", "url": ""}],
        "social_links": [{"name": "Old", "url": "https://www.facebook.com/old"}],
        "post_address": ["Old Street"],
        "offers": ["bsl"],
        "happy_year": "2024",
    }
    new_service.write_answers(old_details, file)
    new_service.write_answers({"name": "Marlshire Restorative Pathways"}, file)
    new_profile = load(file)
    assert new_profile["statistics"].get("happy") is None and not any(new_profile["about"].values())
    for name in ("response_promise", "text_number", "post_address", "offers", "social_links", "funders"):
        assert not new_profile[name], name
    assert not any([*new_profile["second_phone"].values(), *new_profile["logo"].values()])
    assert not new_profile["accessibility"]["tested"] and not new_profile["privacy"]["processors"]
    with pytest.raises(ProfileError) as excinfo:
        load(file, production=True)
    message = str(excinfo.value)
    for name in ("short_name", "area", "phone", "email", "opening_hours", "privacy.basis", "privacy.retention"):
        assert f"extra.service.{name} is still a sample" in message
    for name in ("review.date", "accessibility.prepared", "privacy.contact", "complaints_contact"):
        assert f"extra.service.{name} is still a sample" in message
    for name in new_profile["helplines"]:
        assert f"extra.service.helplines.{name}.checked is still a sample (2000-01-01)" in message
    for value in (old_profile["short_name"], old_profile["area"], "Staffordshire", "old team", "Old Street"):
        assert value not in file.read_text(), value


def test_line_endings_and_a_byte_order_mark_are_kept(mkdocs_yml: Path) -> None:
    mkdocs_yml.write_bytes(b"\xef\xbb\xbf" + mkdocs_yml.read_bytes().replace(b"\n", b"\r\n"))
    new_service.write_answers({"phone": "01632 960777"}, mkdocs_yml)
    data = mkdocs_yml.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\r\n") == data.count(b"\n")
    assert load(mkdocs_yml)["phone"] == "01632 960777"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name: [", "answers.yml, line 2: this line cannot be read"),
        (b"name: \xff\xfe", "answers.yml is not saved as UTF-8"),
        (b"- name", "answers.yml must contain lines such as"),
        (b"", "answers.yml must contain lines such as"),
        (b"name: {a: b}", "answers.yml: give one value only for name"),
        (b"phone:", "answers.yml: give one value only for phone"),
    ],
)
def test_an_unusable_answers_file_is_reported_in_one_line(
    mkdocs_yml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    original_text = mkdocs_yml.read_text()
    answers_file = tmp_path / "answers.yml"
    answers_file.write_bytes(content)
    assert new_service.main(["--file", str(mkdocs_yml), "--answers", str(answers_file)]) == 1
    assert message in capsys.readouterr().err
    assert mkdocs_yml.read_text() == original_text


def test_a_phone_number_with_a_country_code_and_brackets_is_accepted(mkdocs_yml: Path) -> None:
    new_service.write_answers({"phone": "+44 (0)1785 232232"}, mkdocs_yml)
    assert load(mkdocs_yml)["phone"] == "+44 (0)1785 232232"


def test_stopping_before_the_last_question_changes_nothing(mkdocs_yml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original_text = mkdocs_yml.read_text()
    answers = iter(["Another name"])

    def answer(prompt: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)
    assert new_service.main(["--file", str(mkdocs_yml)]) == 1
    assert mkdocs_yml.read_text() == original_text


def test_details_of_the_previous_service_are_emptied(mkdocs_yml: Path) -> None:
    new_service.write_answers({"about.cost": "Everything we do is free."}, mkdocs_yml)
    assert load(mkdocs_yml)["about"]["cost"] == "Everything we do is free."
    new_service.write_answers({"name": "Riverside Restorative Service"}, mkdocs_yml)
    assert load(mkdocs_yml)["about"]["cost"] == ""
