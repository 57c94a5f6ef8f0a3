"""Settings are changed in place: values, entries and their order; every other character of mkdocs.yml stays."""

import difflib
from typing import Any

import pytest
import yaml

from tools.content.yaml_edit import Entry, set_entries, set_value, value_at

TEXT = """\
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
SERVICE = ["extra", "service"]


def difference(made: str) -> list[str]:
    return [line for line in difflib.ndiff(TEXT.splitlines(), made.splitlines()) if line[0] in "+-"]


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
def test_one_value_changes_and_nothing_else(name: str, value: Any, lines: list[str] | None) -> None:
    made = set_value(TEXT, [*SERVICE, *name.split(".")], value)
    assert value_at(made, [*SERVICE, *name.split(".")]) == value
    if lines is not None:
        assert difference(made) == lines
    assert "other: 'it''s' # stays" in made and "# The end" in made and "!ENV [SERVICE_PREVIEW" in made


@pytest.mark.parametrize("value", ["yes", "", "a: b # c", 'say "hi"', "Zoë’s", "- no list", "2025", "x, y", "{a}", "#"])
def test_any_text_comes_back_as_it_was_typed(value: str) -> None:
    for name in ("name", "confidentiality", "new"):
        assert (value_at(set_value(TEXT, [*SERVICE, name], value), [*SERVICE, name]) or "") == value


def test_a_long_text_stays_a_folded_block() -> None:
    words = "What you tell us stays inside the team. " * 8
    made = set_value(TEXT, [*SERVICE, "confidentiality"], words.strip())
    assert value_at(made, [*SERVICE, "confidentiality"]) == words.strip()
    assert "confidentiality: >-\n" in made


def entries(made: str) -> list[str]:
    return list(value_at(made, [*SERVICE, "helplines"]))


POLICE = {"name": "Police", "contact": "101"}
RELAY = {"name": "Relay UK", "contact": "18001"}


def test_entries_are_moved_with_their_comments() -> None:
    made = set_entries(
        TEXT, [*SERVICE, "helplines"], [Entry("relay", "relay", RELAY), Entry("police", "police", POLICE)]
    )
    assert entries(made) == ["relay", "police"]
    assert sorted(made.splitlines()) == sorted(TEXT.splitlines())


def test_an_entry_is_added_changed_and_removed() -> None:
    line = {"name": "Rape Crisis", "contact": "0808 500 2222"}
    added = set_entries(
        TEXT, [*SERVICE, "helplines"], [Entry("police", "police", POLICE), Entry(None, "rape_crisis", line)]
    )
    assert entries(added) == ["police", "rape_crisis"]
    assert value_at(added, [*SERVICE, "helplines", "rape_crisis"]) == line
    assert "# not an emergency" in added and "    # The end\n" in added
    changed = set_entries(TEXT, [*SERVICE, "helplines"], [Entry("police", "police", {**POLICE, "name": "The police"})])
    assert "+         name: The police           # not an emergency" in difference(changed)


def test_lists_of_the_menu_change_entry_by_entry() -> None:
    path = ["extra", "menu"]
    first, second = value_at(TEXT, path)
    made = set_entries(TEXT, path, [Entry(1, "", second), Entry(0, "", {**first, "text": "Harmed, or not"})])
    assert value_at(made, path) == [second, {"page": "harmed/", "text": "Harmed, or not"}]
    assert "text: 'Don''t wait'}  # the second" in made
    longer = set_entries(TEXT, path, [Entry(0, "", first), Entry(None, "", {"page": "x/", "text": "New"})])
    assert value_at(longer, path) == [first, {"page": "x/", "text": "New"}]


def test_no_entry_is_left_and_one_comes_back() -> None:
    path = [*SERVICE, "helplines"]
    empty = set_entries(TEXT, path, [])
    assert value_at(empty, path) == {}
    again = set_entries(empty, path, [Entry(None, "police", POLICE)])
    assert value_at(again, path) == {"police": POLICE}
    yaml.compose(again, Loader=yaml.SafeLoader)


def test_saving_entries_untouched_changes_nothing() -> None:
    path = [*SERVICE, "helplines"]
    assert set_entries(TEXT, path, [Entry("police", "police", POLICE), Entry("relay", "relay", RELAY)]) == TEXT
