"""Changing a value or a list in mkdocs.yml preserves every other character of the file."""

import difflib
from typing import Any

import pytest
import yaml

from tools.content.yaml_edit import Entry, set_entries, set_value, value_at

YAML_TEXT = """\
# The top
extra:
  preview: !ENV [SERVICE_PREVIEW, ""]
  menu:
    - {page: harmed/, text: I was harmed}
    - {page: contact/, text: 'Don''t wait'}  # the second
  service: &service
    name: A service            # its name
    phone: "01632 960123"
    post_address: []           # none
    confidentiality: >-
      What you tell us stays
      with us.

    # The helplines
    helplines:
      police:
        name: Police           # not an emergency
        contact: "101"
      relay:
        name: Relay UK
        contact: "18001"
    # The end
    review: {date: "2026-11-23"}
other: 'it''s' # stays
"""
SERVICE_KEY_PATH = ["extra", "service"]


def changed_lines(new_text: str) -> list[str]:
    return [line for line in difflib.ndiff(YAML_TEXT.splitlines(), new_text.splitlines()) if line[0] in "+-"]


@pytest.mark.parametrize(
    ("name", "value", "lines"),
    [
        (
            "name",
            "Another",
            ["-     name: A service            # its name", "+     name: Another            # its name"],
        ),
        ("phone", "0808 2000 247", ['-     phone: "01632 960123"', '+     phone: "0808 2000 247"']),
        ("area", "Marlshire: all of it", ['+     area: "Marlshire: all of it"']),
        ("about.who", "We are a team.", ["+     about:", "+       who: We are a team."]),
        ("post_address", ["1 High Street", "Marl"], None),
        ("review.date", "2026-12-01", None),
    ],
)
def test_changing_one_value_changes_nothing_else(name: str, value: Any, lines: list[str] | None) -> None:
    new_text = set_value(YAML_TEXT, [*SERVICE_KEY_PATH, *name.split(".")], value)
    assert value_at(new_text, [*SERVICE_KEY_PATH, *name.split(".")]) == value
    if lines is not None:
        assert changed_lines(new_text) == lines
    assert "other: 'it''s' # stays" in new_text and "# The end" in new_text and "!ENV [SERVICE_PREVIEW" in new_text


@pytest.mark.parametrize("value", ["yes", "", "a: b # c", 'say "hi"', "Zoë’s", "- no list", "2025", "x, y", "{a}", "#"])
def test_any_text_is_read_back_as_it_was_typed(value: str) -> None:
    for name in ("name", "confidentiality", "new"):
        assert (
            value_at(set_value(YAML_TEXT, [*SERVICE_KEY_PATH, name], value), [*SERVICE_KEY_PATH, name]) or ""
        ) == value


def test_a_long_text_remains_a_folded_block() -> None:
    words = "What you tell us stays inside the team. " * 8
    new_text = set_value(YAML_TEXT, [*SERVICE_KEY_PATH, "confidentiality"], words.strip())
    assert value_at(new_text, [*SERVICE_KEY_PATH, "confidentiality"]) == words.strip()
    assert "confidentiality: >-\n" in new_text


def helpline_keys(new_text: str) -> list[str]:
    return list(value_at(new_text, [*SERVICE_KEY_PATH, "helplines"]))


POLICE_HELPLINE = {"name": "Police", "contact": "101"}
RELAY_UK_HELPLINE = {"name": "Relay UK", "contact": "18001"}


def test_entries_are_moved_with_their_comments() -> None:
    new_text = set_entries(
        YAML_TEXT,
        [*SERVICE_KEY_PATH, "helplines"],
        [Entry("relay", "relay", RELAY_UK_HELPLINE), Entry("police", "police", POLICE_HELPLINE)],
    )
    assert helpline_keys(new_text) == ["relay", "police"]
    assert sorted(new_text.splitlines()) == sorted(YAML_TEXT.splitlines())


def test_an_entry_can_be_added_and_changed_and_removed() -> None:
    rape_crisis_helpline = {"name": "Rape Crisis", "contact": "0808 500 2222"}
    text_after_adding = set_entries(
        YAML_TEXT,
        [*SERVICE_KEY_PATH, "helplines"],
        [Entry("police", "police", POLICE_HELPLINE), Entry(None, "rape_crisis", rape_crisis_helpline)],
    )
    assert helpline_keys(text_after_adding) == ["police", "rape_crisis"]
    assert value_at(text_after_adding, [*SERVICE_KEY_PATH, "helplines", "rape_crisis"]) == rape_crisis_helpline
    assert "# not an emergency" in text_after_adding and "    # The end\n" in text_after_adding
    text_after_renaming = set_entries(
        YAML_TEXT,
        [*SERVICE_KEY_PATH, "helplines"],
        [Entry("police", "police", {**POLICE_HELPLINE, "name": "The police"})],
    )
    assert "+         name: The police           # not an emergency" in changed_lines(text_after_renaming)


def test_menu_entries_can_be_reordered_and_changed_and_added() -> None:
    path = ["extra", "menu"]
    first_entry, second_entry = value_at(YAML_TEXT, path)
    new_text = set_entries(
        YAML_TEXT, path, [Entry(1, "", second_entry), Entry(0, "", {**first_entry, "text": "Harmed, or not"})]
    )
    assert value_at(new_text, path) == [second_entry, {"page": "harmed/", "text": "Harmed, or not"}]
    assert "text: 'Don''t wait'}  # the second" in new_text
    text_after_adding = set_entries(
        YAML_TEXT, path, [Entry(0, "", first_entry), Entry(None, "", {"page": "x/", "text": "New"})]
    )
    assert value_at(text_after_adding, path) == [first_entry, {"page": "x/", "text": "New"}]


def test_the_last_entry_can_be_removed_and_one_added_again() -> None:
    path = [*SERVICE_KEY_PATH, "helplines"]
    text_without_entries = set_entries(YAML_TEXT, path, [])
    assert value_at(text_without_entries, path) == {}
    text_after_adding = set_entries(text_without_entries, path, [Entry(None, "police", POLICE_HELPLINE)])
    assert value_at(text_after_adding, path) == {"police": POLICE_HELPLINE}
    yaml.compose(text_after_adding, Loader=yaml.SafeLoader)


def test_saving_unchanged_entries_changes_nothing() -> None:
    path = [*SERVICE_KEY_PATH, "helplines"]
    assert (
        set_entries(
            YAML_TEXT, path, [Entry("police", "police", POLICE_HELPLINE), Entry("relay", "relay", RELAY_UK_HELPLINE)]
        )
        == YAML_TEXT
    )
