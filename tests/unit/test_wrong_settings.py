"""Every setting with every kind of wrong value: refused in one line that names the setting, or harmless."""

import copy
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest

from service_profile import fields, reader
from service_profile.profile import MKDOCS_YML, contact_links, facts_of
from service_profile.validation import InvalidSettings, validate
from site_markdown import known

CONFIG = reader.read(MKDOCS_YML)
NO_TEXT = (5, 3.5, True, math.nan, 10**30, [], ["a"], {"a": 1})
NO_PLAIN_TEXT = (
    *("a\x07b", "a\ufdd0b", "a\ud800b", "{{ phone }}", "{% if %}", "<b>a</b>", "a > b", "**a**", "[a](b.md)"),
    *("- a", "# a", "`a`"),
)
WRONG: dict[str, tuple[Any, ...]] = {
    "line": (*NO_TEXT, *NO_PLAIN_TEXT, "x" * 201),
    "text": (*NO_TEXT, *NO_PLAIN_TEXT, "x" * 2001),
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
    "select": ("other", 5, [], {}, True),
    "list": ("one text", 5, True, {"a": 1}, [5], [None], [["a"]], [""], [{"a": {"b": []}}]),
    "map": ("none", 5, True, [], ["a"], {"Bad Key": {"value": 1}}, {5: {"value": 1}}, {"a": 5}, {"a": {"b": 1}}),
}
# What is right for one setting, though not for others of its kind.
RIGHT = {"extra.service.helplines.emergency.contact": {"55"}}


def places() -> Iterator[tuple[str, list[str | int], dict[str, Any]]]:
    """Yield each setting's name in messages, its path in mkdocs.yml, and its field; a block's entries too."""
    for field in fields.editor_fields():
        path: list[str | int] = [*field["name"].split(".")]
        yield field["name"], path, field
        block: Any = CONFIG
        for key in path:
            block = block.get(key, {}) if isinstance(block, dict) else {}
        for part in field.get("fields", ()):
            if field["widget"] == "map":
                entry = next(iter(block))
                yield f"{field['name']}.{entry}.{part['name']}", [*path, entry, part["name"]], part
            else:
                yield f"{field['name']}, entry 1, {part['name']}", [*path, 0, part["name"]], part


def config_with(path: list[str | int], value: object) -> dict[str, Any]:
    config = copy.deepcopy(CONFIG)
    block: Any = config
    for key in path[:-1]:
        block = block.setdefault(key, {}) if isinstance(block, dict) else block[key]
    block[path[-1]] = value
    return config


def cases() -> Iterator[Any]:
    for name, path, field in places():
        wrong = WRONG[field["widget"]]
        if field["required"] and field["widget"] not in ("list", "map"):
            wrong = (None, "", " ", "\u200b", *wrong)
        yield pytest.param(name, path, wrong, id=name)


@pytest.mark.parametrize(("name", "path", "wrong"), list(cases()))
def test_a_wrong_value_is_refused_in_one_line_that_names_the_setting(
    name: str, path: list[str | int], wrong: tuple[object, ...]
) -> None:
    for value in wrong:
        if value in (None, "", {}, []) and path[-1] == "value":
            continue  # a statistic without a figure is one that the service does not have
        with pytest.raises(InvalidSettings) as caught:
            validate(config_with(path, value))
            pytest.fail(f"{name}: {value!r} was accepted")
        problems = caught.value.problems
        assert all(problem.startswith(name) or name.startswith(problem.split(" ")[0]) for problem in problems), problems
        for problem in problems:
            assert "\n" not in problem and len(problem) < 900, problem
            jargon = r"pydantic|validation error|Input should|type=|Traceback|object at|str\b.*type|NoneType|ctx"
            assert not re.search(jargon, problem), problem


HARMLESS = (
    "",
    None,
    [],
    {},
    "  ",
    "Kent & Medway",
    'O’Neill\'s "own"',
    "100%",
    "日本語",
    "a\u00a0b",
    "{value}",
    "\u202eabc",
    "é" * 50,
)


@pytest.mark.parametrize(("name", "path", "field"), [pytest.param(*place, id=place[0]) for place in places()])
def test_a_value_that_is_accepted_can_be_published(name: str, path: list[str | int], field: dict[str, Any]) -> None:
    """Whatever is not refused, down to nothing at all, makes facts, lists and links without an error."""
    for value in HARMLESS:
        try:
            settings = validate(config_with(path, value))
        except InvalidSettings as error:
            assert all(problem.startswith(("extra.", "site_url")) for problem in error.problems), error.problems
            continue
        values = settings.service.model_dump()
        facts = facts_of(values)
        assert not any(mark in fact for fact in facts.values() for mark in ("\u202e", "\u200b", "{{"))
        assert all(isinstance(text, str) for text in known(values).values())
        assert contact_links(values)["phone"].startswith("tel:")
