"""`make new-service`: it asks questions and changes one file accordingly."""

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
def file(tmp_path: Path, root: Path) -> Path:
    return Path(shutil.copyfile(root / "mkdocs.yml", tmp_path / "mkdocs.yml"))


def test_the_answers_become_the_service_and_nothing_else_changes(file: Path) -> None:
    original = file.read_text()
    new_service.write(ANSWERS, file)
    service = load(file)
    assert service["name"] == service["privacy"]["controller"] == "Marlshire Restorative Pathways"
    assert service.facts["statistics.happy.sentence"].startswith("8 in 10 people")
    assert service.site_url == "https://marlshire.example.org/"
    changed = [line for line in difflib.ndiff(original.splitlines(), file.read_text().splitlines()) if line[0] in "+-"]
    assert "Staffordshire" not in file.read_text()
    assert 30 < len(changed) < 120, changed
    assert not [line for line in changed if line.startswith("- ") and line.lstrip("- ").startswith("#")]


def test_samples_are_refused_in_production_one_line_each(file: Path) -> None:
    new_service.write(ANSWERS, file)
    with pytest.raises(ProfileError) as caught:
        load(file, production=True)
    message = str(caught.value)
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
def test_a_bad_answer_is_reported_and_nothing_is_written(file: Path, answers: dict, message: str) -> None:
    original = file.read_text()
    with pytest.raises(ProfileError, match=message):
        new_service.write(answers, file)
    assert file.read_text() == original
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("colour", ["#000000", "#5b2a86", "#7a1f1f", "#005a30", "#0b0b60"])
def test_any_main_colour_that_is_taken_can_be_read_in_both_schemes(file: Path, colour: str) -> None:
    new_service.write({"colour": colour}, file)
    look = load(file)["look"]
    assert list(problems(look)) == []
    assert contrast(look["dark"]["accent"], look["dark"]["on_accent"]) >= 4.5


@pytest.mark.parametrize("colour", ["#5b2a86", "#7a1f1f", "#005a30", "#0b0b60"])
def test_the_main_colour_is_to_be_recognised_on_dark_screens_too(file: Path, colour: str) -> None:
    new_service.write({"colour": colour}, file)
    look = load(file)["look"]
    assert look["light"]["accent"] == colour
    assert hue(look["dark"]["accent"]) == pytest.approx(hue(colour), abs=0.03), look["dark"]["accent"]


class Typist:
    """A person at the terminal who types the given answers, and presses Enter at every other question."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers, self.prompts = answers, ""

    def hear(self, *words: object, **_options: object) -> None:
        self.prompts += " ".join(map(str, words)) + "\n"

    def type(self, prompt: str) -> str:
        last = [line for line in self.prompts.splitlines() if line and not line.startswith(" ")][-1]
        question = last if prompt.startswith("  [") else prompt.strip()
        self.prompts += f"{prompt}\n"
        return next((typed.pop(0) for start, typed in self.answers.items() if question.startswith(start) and typed), "")


def at_the_terminal(file: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> str:
    """Run the command with `answers`, by the first words of the question; return what it printed."""
    typist = Typist(answers)
    monkeypatch.setattr("builtins.input", typist.type)
    monkeypatch.setattr("builtins.print", typist.hear)
    assert new_service.main(["--file", str(file)]) == 0, typist.prompts
    assert not any(answers.values()), f"never asked: {answers}\n{typist.prompts}"
    return typist.prompts


def test_a_person_makes_another_service_at_the_terminal(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = at_the_terminal(
        file,
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
    service = load(file)
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


def test_running_it_again_shows_the_answers_and_changes_what_is_typed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_service.write(ANSWERS, file)
    original = file.read_text()
    at_the_terminal(file, monkeypatch, {})
    assert file.read_text() == original
    output = at_the_terminal(
        file, monkeypatch, {"Opening hours": ["Mondays"], "Secure email": ["-"], "What you offer": ["bsl; easy_read"]}
    )
    assert "[Marlshire Restorative Pathways]" in output and "[2025 to 2026]" in output
    service = load(file)
    assert (service["opening_hours"], service["offers"]) == ("Mondays", ["bsl", "easy_read"])
    assert service.facts["statistics.happy.sentence"].startswith("8 in 10")


def test_the_figure_can_be_taken_away_and_given_again(file: Path) -> None:
    new_service.write({"happy_value": "none"}, file)
    assert "happy" not in load(file)["statistics"]
    new_service.write({"happy_value": 6, "happy_year": "2026"}, file)
    happy = load(file)["statistics"]["happy"]
    assert (happy["value"], happy["of"], happy["year"]) == (6, 10, "2026")
    assert happy["source"] == load(file)["name"]


def test_nothing_of_the_previous_service_passes_as_the_next_ones(root: Path, tmp_path: Path) -> None:
    file = Path(shutil.copyfile(root / "mkdocs.yml", tmp_path / "mkdocs.yml"))
    old = load(file)
    about = {
        "about.who": "We are the old team.",
        "response_promise": "within a day",
        "accessibility.tested": "2026-01-01",
    }
    another = {
        "second_phone.label": "Evenings",
        "second_phone.number": "01632 960111",
        "logo.picture": "pictures/a.png",
    }
    funder = {"name": "The old council", "picture": "", "url": ""}
    another |= {"funders": [funder], "social_links": [{"name": "Old", "url": "https://www.facebook.com/old"}]}
    new_service.write(
        {**about, **another, "post_address": ["Old Street"], "offers": ["bsl"], "happy_year": "2024"}, file
    )
    new_service.write({"name": "Marlshire Restorative Pathways"}, file)
    new = load(file)
    assert new["statistics"].get("happy") is None and not any(new["about"].values())
    for name in ("response_promise", "text_number", "post_address", "offers", "social_links", "funders"):
        assert not new[name], name
    assert not any([*new["second_phone"].values(), *new["logo"].values()])
    assert not new["accessibility"]["tested"] and not new["privacy"]["processors"]
    with pytest.raises(ProfileError) as caught:
        load(file, production=True)
    message = str(caught.value)
    for name in ("short_name", "area", "phone", "email", "opening_hours", "privacy.basis", "privacy.retention"):
        assert f"extra.service.{name} is still a sample" in message
    for name in ("review.date", "accessibility.prepared", "privacy.contact", "complaints_contact"):
        assert f"extra.service.{name} is still a sample" in message
    for name in new["helplines"]:
        assert f"extra.service.helplines.{name}.checked is still a sample (2000-01-01)" in message
    for value in (old["short_name"], old["area"], "Staffordshire", "old team", "Old Street"):
        assert value not in file.read_text(), value


def test_line_ends_and_a_mark_at_the_files_start_stay(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    new_service.write({"phone": "01632 960777"}, file)
    written = file.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf") and written.count(b"\r\n") == written.count(b"\n")
    assert load(file)["phone"] == "01632 960777"


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
def test_an_unusable_file_of_answers_is_reported_in_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    original = file.read_text()
    answers = tmp_path / "answers.yml"
    answers.write_bytes(content)
    assert new_service.main(["--file", str(file), "--answers", str(answers)]) == 1
    assert message in capsys.readouterr().err
    assert file.read_text() == original


def test_a_number_that_the_build_takes_is_taken_here_too(file: Path) -> None:
    new_service.write({"phone": "+44 (0)1785 232232"}, file)
    assert load(file)["phone"] == "+44 (0)1785 232232"


def test_stopping_half_way_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = file.read_text()
    typed = iter(["Another name"])

    def answer(prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)
    assert new_service.main(["--file", str(file)]) == 1
    assert file.read_text() == original


def test_the_previous_services_own_details_are_emptied(file: Path) -> None:
    new_service.write({"about.cost": "Everything we do is free."}, file)
    assert load(file)["about"]["cost"] == "Everything we do is free."
    new_service.write({"name": "Riverside Restorative Service"}, file)
    assert load(file)["about"]["cost"] == ""
