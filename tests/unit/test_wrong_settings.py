"""A wrong value is refused in one line that names its setting. Any value that is accepted can be published."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from service_profile.profile import contact_links, facts_of
from service_profile.validation import InvalidSettings, validate
from site_markdown import page_facts
from tests.support.invalid_settings import config_with, invalid_values, settings_and_fields

pytestmark = pytest.mark.long


def invalid_value_cases() -> Iterator[Any]:
    for name, path, field in settings_and_fields():
        yield pytest.param(name, path, invalid_values(path, field), id=name)


@pytest.mark.parametrize(("name", "path", "values"), list(invalid_value_cases()))
def test_a_wrong_value_is_refused_in_one_line_that_names_the_setting(
    name: str, path: list[str | int], values: tuple[object, ...]
) -> None:
    for value in values:
        with pytest.raises(InvalidSettings) as excinfo:
            validate(config_with(path, value))
            pytest.fail(f"{name}: {value!r} was accepted")
        problems = excinfo.value.problems
        assert all(problem.startswith(name) or name.startswith(problem.split(" ")[0]) for problem in problems), problems
        for problem in problems:
            assert "\n" not in problem and len(problem) < 900, problem
            jargon_pattern = (
                r"pydantic|validation error|Input should|type=|Traceback|object at|str\b.*type|NoneType|ctx"
            )
            assert not re.search(jargon_pattern, problem), problem


ODD_VALUES = (
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


@pytest.mark.parametrize(("name", "path", "field"), [pytest.param(*case, id=case[0]) for case in settings_and_fields()])
def test_a_value_that_is_accepted_can_be_published(name: str, path: list[str | int], field: dict[str, Any]) -> None:
    for value in ODD_VALUES:
        try:
            settings = validate(config_with(path, value))
        except InvalidSettings as error:
            assert all(problem.startswith(("extra.", "site_url")) for problem in error.problems), error.problems
            continue
        values = settings.service.model_dump()
        facts = facts_of(values)
        assert not any(unsafe_text in fact for fact in facts.values() for unsafe_text in ("\u202e", "\u200b", "{{"))
        assert all(isinstance(text, str) for text in page_facts(values).values())
        assert contact_links(values)["phone"].startswith("tel:")
