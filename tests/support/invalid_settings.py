"""Invalid values for every setting, generated from the schema, for tests of validation."""

import copy
import math
from collections.abc import Iterator
from typing import Any

from service_profile import fields, reader
from service_profile.profile import MKDOCS_YML


def _configuration() -> dict[str, Any]:
    """Return the content of mkdocs.yml, with a sample entry added to each empty list."""
    config = reader.read(MKDOCS_YML)
    for field in fields.editor_fields():
        *block_names, setting_name = field["name"].split(".")
        block: Any = config
        for block_name in block_names:
            block = block.get(block_name, {})
        if field["widget"] == "list" and field.get("fields") and not block.get(setting_name):
            block[setting_name] = [{subfield["name"]: subfield["example"] for subfield in field["fields"]}]
    return config


CONFIG = _configuration()
NOT_TEXT = (5, 3.5, True, math.nan, 10**30, [], ["a"], {"a": 1})
NOT_PLAIN_TEXT = (
    *("a\x07b", "a\ufdd0b", "a\ud800b", "{{ phone }}", "{% if %}", "<b>a</b>", "a > b", "**a**", "[a](b.md)"),
    *("- a", "# a", "`a`"),
)
INVALID_VALUES: dict[str, tuple[Any, ...]] = {
    "line": (*NOT_TEXT, *NOT_PLAIN_TEXT, "x" * 201),
    "text": (*NOT_TEXT, *NOT_PLAIN_TEXT, "x" * 2001),
    "number": (None, "", "7", 7.5, True, [], {}, -1, 10**6, math.nan, math.inf),
    "switch": (None, "", "yes", "true", 1, 0, [], {}),
    "date": (5, "yesterday", "2026-02-30", "2026-1-1", "1999-12-31", "26 November 2026", "2026-11-23T00:00", [], True),
    "colour": (None, "", 5, "red", "#fff", "#12345g", "0f5156", [], {}),
    "email": (5, "nobody", "a@b", "a@b..de", "a b@c.de", "é@b.de", "a@b.de\nBcc: x@y.de", ["a@b.de"], "<a@b.de>", True),
    "phone": (1632960123, 5.5, "call us", "01632", "01785 23223", "999 or 101", "55", ["01632 960123"], True, "9" * 40),
    "url": (
        5,
        "www.a.org",
        "ftp://a.org",
        "https://",
        "javascript:alert(1)",
        "https://a b.org",
        'https://a.org/"x',
        [],
    ),
    "picture": (
        5,
        True,
        [],
        {},
        "pictures/logo.svg",
        "/etc/passwd",
        "pictures/../x.png",
        "https://a.org/x.png",
        "logo.png",
    ),
    "select": ("other", 5, [], {}, True),
    "list": ("one text", 5, True, {"a": 1}, [5], [None], [["a"]], [""], [{"a": {"b": []}}]),
    "map": ("none", 5, True, [], ["a"], {"Bad Key": {"value": 1}}, {5: {"value": 1}}, {"a": 5}, {"a": {"b": 1}}),
}


def settings_and_fields() -> Iterator[tuple[str, list[str | int], dict[str, Any]]]:
    """Yield the name, path and schema field of every setting.

    The name is the one in error messages. After a list or map, also yield the fields of its first entry.
    """
    for field in fields.editor_fields():
        path: list[str | int] = [*field["name"].split(".")]
        yield field["name"], path, field
        block: Any = CONFIG
        for key in path:
            block = block.get(key, {}) if isinstance(block, dict) else {}
        for subfield in field.get("fields", ()):
            if field["widget"] == "map":
                entry = next(iter(block))
                yield f"{field['name']}.{entry}.{subfield['name']}", [*path, entry, subfield["name"]], subfield
            else:
                yield f"{field['name']}, entry 1, {subfield['name']}", [*path, 0, subfield["name"]], subfield


def config_with(path: list[str | int], value: object) -> dict[str, Any]:
    """Return a copy of the content of mkdocs.yml with `value` at `path`."""
    config = copy.deepcopy(CONFIG)
    block: Any = config
    for key in path[:-1]:
        block = block.setdefault(key, {}) if isinstance(block, dict) else block[key]
    block[path[-1]] = value
    return config


def invalid_values(path: list[str | int], field: dict[str, Any]) -> tuple[Any, ...]:
    """Return the invalid values to try for the setting at `path`; `field` is its field in the schema."""
    values = INVALID_VALUES[field["widget"]]
    if field["required"] and field["widget"] not in ("list", "map"):
        values = (None, "", " ", "\u200b", *values)
    if path[-1] == "value":  # empty is valid: the service does not have the statistic
        values = tuple(value for value in values if value not in (None, "", {}, []))
    return values


def rounds_of_invalid_values(in_entries: bool) -> Iterator[dict[str, tuple[list[str | int], dict[str, Any], Any]]]:
    """Yield rounds that together try every invalid value of every setting.

    Each round maps a setting's name to its path, its schema field and one invalid value. With `in_entries`, the
    settings are those inside the entries of lists and maps; without it, they are all others.
    """
    setting_names = {field["name"] for field in fields.editor_fields()}
    chosen_settings = [setting for setting in settings_and_fields() if (setting[0] not in setting_names) == in_entries]
    values_by_name = {name: invalid_values(path, field) for name, path, field in chosen_settings}
    for round_number in range(max(map(len, values_by_name.values()))):
        yield {
            name: (path, field, values_by_name[name][round_number])
            for name, path, field in chosen_settings
            if round_number < len(values_by_name[name])
        }
