"""Settings in mkdocs.yml that are missing, wrong or still sample values are reported before publication."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import service_profile
from service_profile import fields, setting_types
from service_profile.profile import MKDOCS_YML

MKDOCS_TEXT = MKDOCS_YML.read_text(encoding="utf-8")


def changed_config_file(tmp_path: Path, old_text: str, new_text: str) -> Path:
    """Return the path of a copy of mkdocs.yml in which `new_text` replaces `old_text`."""
    assert old_text in MKDOCS_TEXT
    path = tmp_path / "mkdocs.yml"
    path.write_text(MKDOCS_TEXT.replace(old_text, new_text), encoding="utf-8")
    return path


def problems(path: Path, is_production: bool = False) -> list[str]:
    with pytest.raises(service_profile.ProfileError) as excinfo:
        service_profile.load(path, is_production)
    return str(excinfo.value).splitlines()


def test_a_placeholder_is_replaced_by_the_value_of_that_name() -> None:
    facts = service_profile.load().facts
    assert service_profile.fill("Call {{ phone }}.", facts) == "Call 01632 960123."
    assert facts["statistics.happy.sentence"].startswith("7 in 10 people")


def test_an_editor_who_misspells_a_placeholder_is_told_the_line_and_the_nearest_name() -> None:
    with pytest.raises(service_profile.FactError) as excinfo:
        service_profile.fill("First line.\nCall {{ phon }}.", service_profile.load().facts)
    assert str(excinfo.value) == "line 2: there is no fact called {{ phon }}. Did you mean {{ phone }}?"


@pytest.mark.parametrize("name", ["phone", "email", "area", "exit_address", "opening_hours"])
def test_an_empty_required_setting_is_reported_with_an_example(tmp_path: Path, name: str) -> None:
    line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith(f"    {name}: "))
    messages = problems(changed_config_file(tmp_path, line, f'    {name}: ""'))
    assert len(messages) == 1 and messages[0].startswith(f"mkdocs.yml: extra.service.{name} is empty: write it like “")


def test_production_names_each_sample_value_that_it_refuses() -> None:
    messages = "\n".join(problems(MKDOCS_YML, is_production=True))
    for name in ("phone", "text_number", "email", "privacy.contact", "complaints_contact"):
        assert f"extra.service.{name} is still a sample" in messages
    assert "site_url is still a sample" in messages


def test_production_refuses_a_site_without_tls(tmp_path: Path) -> None:
    line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith("site_url: "))
    messages = problems(changed_config_file(tmp_path, line, "site_url: http://marlshire.internal/"), is_production=True)
    assert "mkdocs.yml: site_url must start with https:// (http://marlshire.internal/)" in messages


def test_production_refuses_a_statistic_without_its_year(tmp_path: Path) -> None:
    messages = problems(changed_config_file(tmp_path, 'year: "2007"', 'year: ""'), is_production=True)
    assert "mkdocs.yml: extra.service.statistics.satisfied.year is empty: every statistic needs it" in messages


@pytest.mark.parametrize("content", ["extra: [", "extra: 3", ""])
def test_a_malformed_file_is_reported_in_a_message_not_a_traceback(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_text(content, encoding="utf-8")
    assert problems(path)[0].startswith("mkdocs.yml")


@pytest.mark.parametrize("text", ["Call {{ phone now", "Call phone }}", "{% for x in y %}"])
def test_a_half_typed_placeholder_or_a_template_statement_is_refused(text: str) -> None:
    with pytest.raises(service_profile.FactError) as excinfo:
        service_profile.fill(f"One.\n{text}", service_profile.load().facts)
    assert str(excinfo.value).startswith("line 2: ")


@pytest.mark.parametrize(
    ("name", "written_value", "message"),
    [
        ("phone", "01632460123", "must be in quotes"),
        ("phone", "call us", "is not a phone number: write one number only"),
        ("email", "nobody", "is not an email address: nobody"),
        ("name", "[a]", "must be one piece of text, like “Marlshire"),
        ("area", "5", "must be in quotes"),
    ],
)
def test_a_mistyped_value_is_reported(tmp_path: Path, name: str, written_value: str, message: str) -> None:
    line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith(f"    {name}: "))
    assert message in problems(changed_config_file(tmp_path, line, f"    {name}: {written_value}"))[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('      date: "2026-02-30"', "extra.service.review.date is not a date like 2026-11-23: 2026-02-30"),
        ('      date: "soon"', "extra.service.review.date is not a date like 2026-11-23: soon"),
        ('      prepared: ""', "extra.service.accessibility.prepared is not a date like 2026-11-23"),
        (
            "      keep_days: a week",
            "extra.service.privacy.keep_days must be a whole number from 0 to 365, without quotes; now it is a week",
        ),
        (
            "      keep_days: -1",
            "extra.service.privacy.keep_days must be a whole number from 0 to 365, without quotes; now it is -1",
        ),
    ],
)
def test_an_impossible_date_or_number_of_days_is_reported(tmp_path: Path, line: str, message: str) -> None:
    name = line.partition(":")[0] + ":"
    old_line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith(name))
    assert message in problems(changed_config_file(tmp_path, old_line, line))[0]


def test_a_setting_that_is_written_twice_is_refused(tmp_path: Path) -> None:
    line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith("    phone: "))
    assert (
        "phone is in its block twice"
        in problems(changed_config_file(tmp_path, line, f'{line}\n    phone: "01632 960555"'))[0]
    )


def test_text_and_background_colours_that_are_too_alike_are_refused(tmp_path: Path) -> None:
    line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith("        ink: "))
    assert "too close to paper" in problems(changed_config_file(tmp_path, line, '        ink: "#eeeeee"'))[0]
    assert (
        'ink is not a colour like "#0f5156": rot'
        in problems(changed_config_file(tmp_path, line, "        ink: rot"))[0]
    )


@pytest.mark.parametrize("number", ["+44 1632 960123", "+44 (0)7700 900123", "01632960123"])
def test_a_sample_number_is_recognised_however_it_is_written(tmp_path: Path, number: str) -> None:
    line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith("    phone: "))
    messages = problems(changed_config_file(tmp_path, line, f'    phone: "{number}"'), is_production=True)
    assert any("extra.service.phone is still a sample" in message for message in messages)


def config_file_with_setting(tmp_path: Path, name: str, lines: str) -> Path:
    """Return the path of a copy of mkdocs.yml in which `lines` replace the setting `name` of extra.service."""
    match = re.search(rf"^    {name}:.*\n(?:(?:      .*)?\n)*?(?=    \S|\S|\Z|\n    #)", MKDOCS_TEXT, re.MULTILINE)
    assert match
    path = tmp_path / "mkdocs.yml"
    path.write_text(MKDOCS_TEXT.replace(match[0], f"    {lines}\n"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("post_address", "post_address: 1 High Street, Stafford", "post_address must be a list: begin each line"),
        ("offers", "offers: interpreter", "offers must be a list"),
        ("helplines", "helplines: none", "helplines must be a block: on the lines below, give each entry its own name"),
        ("helplines", "helplines: {}", "helplines is empty: the page for emergencies needs"),
        ("call", "call: by phone", "call must be a block with number_shown, says and tries"),
        ("exit_address", "exit_address: www.bbc.co.uk", "exit_address is not a web address that starts with https://"),
        ("form_address", "form_address: /form/", "form_address must be /referral/, or the https:// address"),
        ("text_number", "text_nunber: 07700 900123", "text_nunber is not a setting. Did you mean text_number?"),
        ("confidentiality", "confidentiality: Call {{ phone }}.", "confidentiality contains {{ … }}"),
        ("opening_hours", "opening_hours: '**9am** to 5pm'", "opening_hours contains “**”"),
        ("area", "area: <b>Kent</b>", "area contains < or >"),
        ("area", f"area: {'Kent ' * 50}", "area is 249 characters long, and there is room for 200"),
        ("area", 'area: "Ke\\u0007nt"', "area contains a character that cannot be shown"),
        ("email", "email: team@mail..internal", "email is not an email address"),
        ("neutral_name", "neutral_name: Victim Gateway", "neutral_name gives away what the email is about (Victim)"),
    ],
)
def test_an_invalid_setting_is_reported_with_the_reason(tmp_path: Path, name: str, lines: str, message: str) -> None:
    messages = problems(config_file_with_setting(tmp_path, name, lines))
    assert len(messages) == 1 and messages[0].startswith(f"mkdocs.yml: extra.service.{message}"), messages


@pytest.mark.parametrize(
    ("old_text", "new_text", "message"),
    [
        ("        value: 7\n", "        value: 70\n", "statistics.happy says 70 in 10"),
        ("        value: 7\n", "        value: -7\n", "statistics.happy.value must be a whole number from 0 to 1000"),
        ("        value: 7\n", "        value: 7.5\n", "statistics.happy.value must be a whole number"),
        ("        of: 10\n", "        of: 0\n", "statistics.happy.of must be a whole number from 1 to 1000"),
        (
            "{value} in {of} people",
            "{percent}% of people",
            "statistics.happy.wording contains {percent}: only {value} and",
        ),
        ("{value} in {of} people", "7 in 10 people", "statistics.happy.wording must contain {value}"),
        ('"#0f5156"', "#0f5156", 'look.light.accent is empty: write a colour in quotes, like "#0f5156"'),
        ('checked: "2026-11-23"', "checked: yesterday", "checked is not a date like 2026-11-23: yesterday"),
        ('checked: "2026-11-23"', "checked: 2026-02-30", "checked is not a date like 2026-11-23: 2026-02-30"),
        ('contact: "101"', "contact: 101", "helplines.police.contact must be in quotes"),
        ("contact: 0800 1111", "contact: 0800 11", "helplines.young_people.contact is not a phone number"),
        ("web: https://ico.org.uk/make-a-complaint/", "web: ico.org.uk", "helplines.ico.web is not a web address"),
        ("      contact: data.protection@example.org.uk", '      contact: ""', "privacy.contact is empty"),
        ("        - name: Netlify", "        - name:", "privacy.processors, entry 1, name is empty: write it like"),
        ('version: "1"', "version: 1.10", "review.version must be in quotes"),
    ],
)
def test_a_wrong_value_is_reported_with_the_name_of_its_setting(
    tmp_path: Path, old_text: str, new_text: str, message: str
) -> None:
    messages = problems(changed_config_file(tmp_path, old_text, new_text))
    assert any(f"extra.service.{message}" in problem or message in problem for problem in messages), messages
    assert all(problem.startswith("mkdocs.yml") for problem in messages)


@pytest.mark.parametrize("url", ["https://kent.example.org/rj/", "kent.example.org", "", "https://", "https:///x"])
def test_a_site_url_with_a_path_or_without_a_host_is_refused(tmp_path: Path, url: str) -> None:
    line = next(line for line in MKDOCS_TEXT.splitlines() if line.startswith("site_url: "))
    messages = problems(changed_config_file(tmp_path, line, f"site_url: {url}"))
    assert len(messages) == 1 and messages[0].startswith("mkdocs.yml: site_url "), messages


@pytest.mark.parametrize(
    ("old_text", "new_text", "message"),
    [
        ("    phone: ", "\tphone: ", "the line begins with a tab"),
        ("    area: ", "    area: Kent: ", "text that contains a colon and a space must be in quotes"),
        ("    area: ", '    area: "', "line"),
        ("    area: ", "    area: !!int ", "cannot be read"),
        ("    area: ", "    area: &area [*area] #", "area must be one piece of text"),
    ],
)
def test_a_yaml_mistake_in_the_file_is_reported(tmp_path: Path, old_text: str, new_text: str, message: str) -> None:
    messages = problems(changed_config_file(tmp_path, old_text, new_text))
    assert messages[0].startswith("mkdocs.yml") and any(message in problem for problem in messages), messages


@pytest.mark.parametrize("convert", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_a_configuration_file_saved_on_windows_is_read_correctly(tmp_path: Path, convert: Callable[[str], str]) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_bytes(convert(MKDOCS_TEXT).encode())
    assert service_profile.load(path) == service_profile.load()


def test_invisible_characters_in_a_pasted_value_are_removed(tmp_path: Path) -> None:
    path = config_file_with_setting(tmp_path, "email", 'email: "\u200bteam@\u202acouncil.internal\u202c\u00a0"')
    assert service_profile.load(path)["email"] == "team@council.internal"


@pytest.mark.parametrize(
    "invisible_character", ["\u034f", "\u061c", "\u200d", "\u3164", "\ufe0f", "\ufffb", "\U000e0062", "\U000e0101"]
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "team@council.internal"),
        ("phone", "01785 232232"),
        ("colour", "#0f5156"),
        ("web_address", "https://council.internal/a/b?c=d"),
        ("site_url", "https://council.internal/"),
        ("form_address", "https://form.council.internal/referral/"),
    ],
)
def test_invisible_characters_are_removed_from_numbers_and_addresses_and_colours(
    name: str, value: str, invisible_character: str
) -> None:
    normalise = {"phone": setting_types.telephone}.get(name) or getattr(setting_types, name)
    assert normalise(
        f"{invisible_character}{value[:9]}{invisible_character}{value[9:]}{invisible_character}"
    ) == normalise(value)


@pytest.mark.parametrize("empty_entry", ["happy:", 'happy: ""', "happy: {}", 'happy: {value: ""}'])
def test_the_placeholders_of_a_statistic_without_a_value_are_empty(tmp_path: Path, empty_entry: str) -> None:
    block = re.search(r"^      happy:\n(?:        .*\n)+", MKDOCS_TEXT, re.MULTILINE)
    assert block
    service = service_profile.load(changed_config_file(tmp_path, block[0], f"      {empty_entry}\n"))
    assert "happy" not in service["statistics"]
    assert service.facts["statistics.happy.sentence"] == service.facts["statistics.happy.year"] == ""
    assert service.facts["statistics.satisfied.sentence"]


KNOWN_WIDGETS = {
    *("line", "text", "number", "switch", "date", "colour"),
    *("email", "phone", "url", "picture", "select", "list", "map"),
}


def test_every_setting_has_a_label_and_a_hint_and_a_widget_in_the_editor() -> None:
    for field in fields.editor_fields():
        assert field["label"] and field["hint"] and field["group"] in fields.GROUPS, field
        assert field["widget"] in KNOWN_WIDGETS
        for entry in field.get("fields", ()):
            assert entry["label"] and entry["hint"], (field["name"], entry)


def test_the_example_of_every_setting_with_one_value_is_valid() -> None:
    for field in fields.editor_fields():
        if field["widget"] not in ("list", "map"):
            assert fields.problem(field["name"], field["example"]) is None, field
