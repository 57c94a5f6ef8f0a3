"""The log contains no personal data."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from form_service import logs
from tests.support.service_parts import ServiceParts


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_fields_on_the_list_are_logged(logged: Callable[[], list[dict[str, Any]]]) -> None:
    logs.event("delivered", reference="7KQ4-M2X6", tries=1)
    (line,) = logged()
    assert (line["event"], line["reference"], line["tries"]) == ("delivered", "7KQ4-M2X6", 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Sam"},
        {"reference": "Sam would like a call"},
        {"error": {"answers": "Sam"}},
        {"error": ["Sam"]},
        {"state": "sam@example.org"},
        {"state": "two\nlines"},
        {"state": b"bytes"},
    ],
)
def test_anything_else_raises(fields: dict[str, Any]) -> None:
    with pytest.raises(logs.Unloggable) as caught:
        logs.event("delivered", **fields)
    assert "Sam" not in str(caught.value) and "sam@" not in str(caught.value)


def test_other_packages_and_exceptions_cannot_say_what_a_person_typed(
    logged: Callable[[], list[dict[str, Any]]],
) -> None:
    stranger = logging.getLogger("some.library")
    stranger.warning("cannot parse %s", "Sam's phone number")
    stranger.error("made beforehand: Sam sam@example.org")
    try:
        raise ValueError("Sam's phone number")
    except ValueError:
        stranger.exception("Exception on /referral/about [POST]")
    text = json.dumps(logged())
    assert "Sam" not in text and "sam@" not in text
    assert "cannot parse %s" in text and "ValueError" in text and "test_logs.py" in text


def test_a_failing_database_puts_no_parameter_into_its_error(parts: ServiceParts) -> None:
    with parts.store.database.engine.connect() as connection, pytest.raises(Exception) as caught:
        connection.exec_driver_sql("SELECT nothing FROM nowhere WHERE x = 'y'")
    assert "parameters" not in str(caught.value) or "hidden" in str(caught.value)
