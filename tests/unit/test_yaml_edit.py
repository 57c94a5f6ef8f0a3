"""Saving a value changes only its own lines: comments, quotes and line endings are preserved."""

import difflib
import io

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service_profile.profile import MKDOCS_YML
from tools.content import text_files
from tools.content.yaml_edit import NoSuchMapping, set_values

YAML_TEXT = """\
# The service
a:
  b: one   # why
  c: "two"
  'd': 'Don''t'
  e: >-
    three
    and more

  # before f
  f: |
    four
    five
  g: []          # none
  h: {i: 1, j: "x"}
  k:
  - l: 1
  -   m: 2

# the end
n: 5
"""
SETTING_PATHS = ["a.b", "a.c", "a.d", "a.e", "a.f", "a.k", "n", "a.h.i", "a.h.j"]


def set_value(text: str, path: str, value: object) -> str:
    """Return the YAML `text` with the setting at `path`, for example "a.b", changed to `value`."""
    old_bytes = text.encode()
    return text_files.encode(set_values(text_files.decode(old_bytes).text, {path: value}), old_bytes).decode()  # type: ignore[dict-item]


def value_at(text: str, path: str) -> object:
    node = yaml.safe_load(text.removeprefix("\ufeff"))
    for key in path.split("."):
        node = node[key]
    return node


def changed_lines(old_text: str, new_text: str) -> tuple[list[str], list[str]]:
    """Return the removed lines and the added lines, with their line endings."""
    lines = list(difflib.ndiff(old_text.splitlines(keepends=True), new_text.splitlines(keepends=True)))
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


TEXTS = st.text(alphabet=st.sampled_from("ab é'\":#-{}[]&*!|>%@`,.0123\\ \t"), max_size=30)
TEXTS |= st.sampled_from(
    ["yes", "No", "on", "0123", "1:30", "2026-11-23", "~", "null", "1e3", "=", "<<", "0x1f", "1_000"]
)
VALUES = TEXTS | st.integers(-99, 99) | st.booleans() | st.lists(TEXTS, max_size=3)


@pytest.mark.long
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SETTING_PATHS), VALUES, st.booleans(), st.booleans())
@example("a.e", "a word " * 60 + "end", True, True)
@example("a.e", "", False, False)
@example("a.f", "one\n\ntwo\nthree and a good many more words than fit into half of a line", True, False)
@example("n", " yes ", False, False)
def test_a_value_is_read_back_as_given_and_no_other_line_changes(
    path: str, value: object, has_crlf: bool, has_bom: bool
) -> None:
    text = ("\ufeff" if has_bom else "") + (YAML_TEXT.replace("\n", "\r\n") if has_crlf else YAML_TEXT)
    new_text = set_value(text, path, value)
    assert value_at(new_text, path) == value
    other_paths = [other_path for other_path in SETTING_PATHS if other_path != path]
    assert [value_at(new_text, other_path) for other_path in other_paths] == [
        value_at(text, other_path) for other_path in other_paths
    ]
    removed_lines, added_lines = changed_lines(text, new_text)
    name = path.rpartition(".")[2]
    words_on_setting_lines = {
        "a.e": "three and more",
        "a.f": "four five",
        "a.k": "l: 1 m: 2",
        "a.h.i": "h: {",
        "a.h.j": "h: {",
    }.get(path, name)
    assert all(
        any(part in line for part in (f"{name}:", f"'{name}':", *words_on_setting_lines.split(" "))) or not line.strip()
        for line in removed_lines
    )
    assert new_text.startswith("\ufeff") == has_bom
    if has_crlf:
        assert new_text.count("\r\n") == new_text.count("\n"), "a line ending of another kind"
    else:
        assert "\r" not in new_text or "\r" in str(value)
    assert "# why" in new_text and "# before f" in new_text and "# the end" in new_text and "# The service" in new_text
    assert removed_lines or added_lines or value == value_at(text, path)


@settings(deadline=None)
@given(st.sampled_from(SETTING_PATHS), st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_any_text_is_read_back_whatever_its_characters(path: str, value: str) -> None:
    assert value_at(set_value(YAML_TEXT, path, value), path) == value


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("a.b", "another", "  b: another   # why\n"),
        ("a.c", "another", '  c: "another"\n'),
        ("a.d", "Won't", "  'd': 'Won''t'\n"),
        ("a.h.j", "y", '  h: {i: 1, j: "y"}\n'),
        ("a.h.i", 2, '  h: {i: 2, j: "x"}\n'),
    ],
)
def test_quotes_and_comments_are_preserved(path: str, value: str | int, line: str) -> None:
    assert changed_lines(YAML_TEXT, set_value(YAML_TEXT, path, value))[1] == [line]


@settings(deadline=None)
@given(st.sampled_from(SETTING_PATHS))
def test_setting_a_value_to_itself_changes_nothing(path: str) -> None:
    assert set_value(YAML_TEXT, path, value_at(YAML_TEXT, path)) == YAML_TEXT  # type: ignore[arg-type]


@pytest.mark.parametrize("convert", [str, lambda text: text.replace("\n", "\r\n")])
def test_changing_one_setting_of_mkdocs_yml_changes_one_line(convert: object) -> None:
    text = convert(MKDOCS_YML.read_text(encoding="utf-8"))  # type: ignore[operator]
    removed_lines, added_lines = changed_lines(text, set_value(text, "extra.service.phone", "(01632) 960 555"))
    assert [line.split(":")[0].strip() for line in removed_lines] == ["phone"]
    assert [line.strip() for line in added_lines] == ['phone: "(01632) 960 555"']


def test_blocks_and_lists_can_be_added_and_replaced() -> None:
    new_text = set_values(YAML_TEXT, {"a.g": ["x", "y: z"], "a.h": {"p": "q"}, "a.new": "added", "o": [{"p": 1}]})
    parsed_settings = yaml.safe_load(new_text)
    assert (
        parsed_settings["a"]["g"],
        parsed_settings["a"]["h"],
        parsed_settings["a"]["new"],
        parsed_settings["o"],
    ) == (
        ["x", "y: z"],
        {"p": "q"},
        "added",
        [{"p": 1}],
    )
    assert "# none" in new_text and "# the end" in new_text


@pytest.mark.parametrize("path", ["a.b.c", "x.y", "a.k.l", "n.x"])
def test_setting_a_value_below_a_missing_block_is_refused(path: str) -> None:
    with pytest.raises(NoSuchMapping):
        set_value(YAML_TEXT, path, "x")


def test_a_file_without_a_final_line_ending_can_be_edited() -> None:
    assert yaml.safe_load(io.StringIO(set_value("a: 1\nb: 2", "b", 3))) == {"a": 1, "b": 3}
