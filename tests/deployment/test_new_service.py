"""`make new-service`: answers in, one changed file out."""

import difflib
import shutil
from pathlib import Path

import pytest
import yaml

from service_profile import ProfileError, load
from service_profile.contrast import contrast, problems
from tests.support.project_copy import hue
from tools.content import new_service
from tools.content.yaml_edit import NoSuchValue, set_value

ANSWERS = yaml.safe_load((Path(__file__).parents[1] / "support/second-service.yml").read_text())


@pytest.fixture
def file(tmp_path: Path, root: Path) -> Path:
    return Path(shutil.copyfile(root / "mkdocs.yml", tmp_path / "mkdocs.yml"))


def test_the_answers_become_the_service_and_nothing_else_changes(file: Path) -> None:
    before = file.read_text()
    new_service.write(ANSWERS, file)
    service = load(file)
    assert service["name"] == service["privacy"]["controller"] == "Marlshire Restorative Pathways"
    assert service.facts["statistics.happy.sentence"].startswith("8 in 10 people")
    assert service.site_url == "https://marlshire.example.org/"
    changed = [line for line in difflib.ndiff(before.splitlines(), file.read_text().splitlines()) if line[0] in "+-"]
    assert "Staffordshire" not in file.read_text()
    assert 30 < len(changed) < 50, changed
    assert not [line for line in changed if line.startswith("- ") and line.lstrip("- ").startswith("#")]


def test_samples_are_refused_in_production_one_line_each(file: Path) -> None:
    new_service.write(ANSWERS, file)
    with pytest.raises(ProfileError) as caught:
        load(file, production=True)
    told = str(caught.value)
    for name in ("phone", "text_number", "email", "privacy.contact", "complaints_contact"):
        assert f"extra.service.{name} is still a sample" in told
    assert "year is empty" not in told


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"phone": "call us"}, "phone: is not a phone number"),
        ({"email": "nobody"}, "email: An email address looks like"),
        ({"name": " "}, "name: This is needed."),
        ({"colour": "purple"}, "colour: purple is not a colour"),
        ({"colour": "#ffd700"}, "colour: #ffd700 is too light"),
        ({"look.light.ink": "#999999"}, r"look.light.ink \(#999999\) is too close to paper"),
        ({"happy_value": 11}, "happy_value: A number from 0 to 10"),
        ({"fone": "1"}, "holds no value called extra.service.fone"),
    ],
)
def test_a_bad_answer_is_told_and_nothing_is_written(file: Path, answers: dict, said: str) -> None:
    before = file.read_text()
    with pytest.raises(ProfileError, match=said):
        new_service.write(answers, file)
    assert file.read_text() == before
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


def test_a_person_answers_at_the_terminal(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["Marlshire Restorative Pathways", "Marlshire", "", "", "ring me", "01632 960777", "-"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed, ""))
    assert new_service.main(["--file", str(file)]) == 0
    service = load(file)
    assert (service["short_name"], service["phone"], service["text_number"]) == ("Marlshire", "01632 960777", "")
    said = capsys.readouterr().out
    assert "is not a phone number: write one number only" in said
    assert "Before the service can go live" in said and "extra.service.phone is still a sample" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: [", "answers.yml cannot be read"),
        (b"name: \xff\xfe", "answers.yml cannot be read"),
        (b"- name", "answers.yml must hold lines such as"),
        (b"", "answers.yml must hold lines such as"),
        (b"name: {a: b}", "answers.yml: one value is wanted for name"),
        (b"phone:", "answers.yml: one value is wanted for phone"),
    ],
)
def test_a_file_of_answers_that_cannot_be_used_is_told_in_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    before = file.read_text()
    answers = tmp_path / "answers.yml"
    answers.write_bytes(content)
    assert new_service.main(["--file", str(file), "--answers", str(answers)]) == 1
    assert said in capsys.readouterr().err
    assert file.read_text() == before


def test_a_number_that_the_build_takes_is_taken_here_too(file: Path) -> None:
    new_service.write({"phone": "+44 (0)1785 232232"}, file)
    assert load(file)["phone"] == "+44 (0)1785 232232"


def test_stopping_half_way_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_text()
    typed = iter(["Another name"])

    def answer(prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)
    assert new_service.main(["--file", str(file)]) == 1
    assert file.read_text() == before


@pytest.mark.parametrize(
    "value",
    ["plain words", "yes", "", "a: b", "# no comment", 'a "quoted" one', "- dash", "Zoë & Ωmega", "0123", "{x}"],
)
@pytest.mark.parametrize("path", ["a.b", "a.c", "a.d", "e"])
def test_a_value_comes_back_as_it_was_given_whatever_it_holds(path: str, value: str) -> None:
    text = 'a:\n  b: one   # why\n  c: "two"\n  d: >-\n    three\n    and more\n\n# the end\ne: 5\n'
    found = yaml.safe_load(new := set_value(text, path, value))
    for key in path.split("."):
        found = found[key]
    assert found == value
    assert "# why" in new and "# the end" in new


def test_a_list_or_a_missing_place_is_no_single_value() -> None:
    for path in ("a", "a.c", "x", "a.b.c"):
        with pytest.raises(NoSuchValue):
            set_value("a: {b: [1]}", path if path != "a.b.c" else "a.b", "x")


def test_what_the_service_before_said_of_itself_is_emptied(file: Path) -> None:
    new_service.write({"about.cost": "Everything we do is free."}, file)
    assert load(file)["about"]["cost"] == "Everything we do is free."
    new_service.write({"name": "Riverside Restorative Service"}, file)
    assert load(file)["about"]["cost"] == ""
