"""Who the service is stands in one place; what is missing or only a sample there is told before it is published."""

from pathlib import Path

import pytest

import service_profile
from service_profile.profile import MKDOCS_YML

MKDOCS = MKDOCS_YML.read_text(encoding="utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of mkdocs.yml with one place changed."""
    assert old in MKDOCS
    path = tmp_path / "mkdocs.yml"
    path.write_text(MKDOCS.replace(old, new), encoding="utf-8")
    return path


def problems(path: Path, production: bool = False) -> list[str]:
    with pytest.raises(service_profile.ProfileError) as caught:
        service_profile.load(path, production)
    return str(caught.value).splitlines()


def test_a_reader_finds_the_facts_under_their_plain_names() -> None:
    facts = service_profile.load().facts
    assert service_profile.fill("Call {{ phone }}.", facts) == "Call 01632 960123."
    assert facts["statistics.happy.sentence"].startswith("7 in 10 people")


def test_an_editor_who_misspells_a_fact_is_told_the_line_and_the_nearest_name() -> None:
    with pytest.raises(service_profile.UnknownFact) as caught:
        service_profile.fill("First line.\nCall {{ phon }}.", service_profile.load().facts)
    assert str(caught.value) == "line 2: there is no fact called {{ phon }}. Did you mean {{ phone }}?"


@pytest.mark.parametrize("name", ["phone", "email", "area", "exit_address", "opening_hours"])
def test_nobody_is_left_without_a_way_to_reach_the_team(tmp_path: Path, name: str) -> None:
    line = next(line for line in MKDOCS.splitlines() if line.startswith(f"    {name}: "))
    found = problems(changed(tmp_path, line, f'    {name}: ""'))
    assert found == [f"mkdocs.yml: extra.service.{name} is empty"]


def test_production_refuses_every_sample_by_name() -> None:
    found = "\n".join(problems(MKDOCS_YML, production=True))
    for name in ("phone", "text_number", "email", "privacy.contact", "complaints_contact"):
        assert f"extra.service.{name} is still a sample" in found
    assert "site_url is still a sample" in found


def test_production_refuses_a_statistic_without_its_year(tmp_path: Path) -> None:
    found = problems(changed(tmp_path, 'year: "2007"', 'year: ""'), production=True)
    assert "mkdocs.yml: extra.service.statistics.satisfied.year is empty: every statistic needs it" in found


@pytest.mark.parametrize("broken", ["extra: [", "extra: 3", ""])
def test_a_broken_file_is_told_in_one_message_not_a_traceback(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_text(broken, encoding="utf-8")
    assert problems(path)[0].startswith("mkdocs.yml")


@pytest.mark.parametrize("text", ["Call {{ phone now", "Call phone }}", "{% for x in y %}"])
def test_a_half_typed_fact_is_told_and_never_published(text: str) -> None:
    with pytest.raises(service_profile.UnknownFact) as caught:
        service_profile.fill(f"One.\n{text}", service_profile.load().facts)
    assert str(caught.value).startswith("line 2: ")


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("phone", "01632460123", "must stand in quotes"),
        ("phone", "call us", "is not a phone number: call us"),
        ("email", "nobody", "is not an email address: nobody"),
        ("name", "[a]", "must stand in quotes"),
        ("area", "5", "must stand in quotes"),
    ],
)
def test_nobody_is_sent_to_a_wrong_number_by_a_slip(tmp_path: Path, name: str, typed: str, told: str) -> None:
    line = next(line for line in MKDOCS.splitlines() if line.startswith(f"    {name}: "))
    assert told in problems(changed(tmp_path, line, f"    {name}: {typed}"))[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('      date: "2026-02-30"', "extra.service.review.date is not a date like 2026-11-23: 2026-02-30"),
        ('      date: "soon"', "extra.service.review.date is not a date like 2026-11-23: soon"),
        ('      prepared: ""', "extra.service.accessibility.prepared is not a date like 2026-11-23"),
        ("      keep_days: a week", "extra.service.privacy.keep_days must be a whole number of days: a week"),
        ("      keep_days: -1", "extra.service.privacy.keep_days must be a whole number of days: -1"),
    ],
)
def test_a_date_or_a_number_of_days_that_cannot_be_is_told_before_anything_is_built(
    tmp_path: Path, line: str, told: str
) -> None:
    name = line.partition(":")[0] + ":"
    before = next(one for one in MKDOCS.splitlines() if one.startswith(name))
    assert told in problems(changed(tmp_path, before, line))[0]


def test_a_number_that_stands_twice_is_refused(tmp_path: Path) -> None:
    line = next(line for line in MKDOCS.splitlines() if line.startswith("    phone: "))
    assert "phone stands twice" in problems(changed(tmp_path, line, f'{line}\n    phone: "01632 960555"'))[0]


def test_colours_that_some_readers_cannot_tell_apart_are_refused(tmp_path: Path) -> None:
    line = next(line for line in MKDOCS.splitlines() if line.startswith("        ink: "))
    assert "too close to paper" in problems(changed(tmp_path, line, '        ink: "#eeeeee"'))[0]
    assert "rot is not a colour" in problems(changed(tmp_path, line, "        ink: rot"))[0]


@pytest.mark.parametrize("number", ["+44 1632 960123", "+44 (0)7700 900123", "01632960123"])
def test_a_sample_number_is_known_however_it_is_written(tmp_path: Path, number: str) -> None:
    line = next(line for line in MKDOCS.splitlines() if line.startswith("    phone: "))
    found = problems(changed(tmp_path, line, f'    phone: "{number}"'), production=True)
    assert any("extra.service.phone is still a sample" in one for one in found)
