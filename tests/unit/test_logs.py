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
def read_log_lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Yield a function that returns the lines logged so far, decoded from JSON."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_fields_on_the_allow_list_are_logged(read_log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    logs.event("delivered", reference="7KQ4-M2X6", tries=1)
    (line,) = read_log_lines()
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
def test_a_field_or_value_outside_the_allow_list_raises_without_being_logged(fields: dict[str, Any]) -> None:
    with pytest.raises(logs.Unloggable) as excinfo:
        logs.event("delivered", **fields)
    assert "Sam" not in str(excinfo.value) and "sam@" not in str(excinfo.value)


def test_libraries_and_exceptions_cannot_log_what_a_person_typed(
    read_log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    library_logger = logging.getLogger("some.library")
    library_logger.warning("cannot parse %s", "Sam's phone number")
    library_logger.error("formatted beforehand: Sam sam@example.org")
    try:
        raise ValueError("Sam's phone number")
    except ValueError:
        library_logger.exception("Exception on /referral/about [POST]")
    text = json.dumps(read_log_lines())
    assert "Sam" not in text and "sam@" not in text
    assert "cannot parse %s" in text and "ValueError" in text and "test_logs.py" in text


def test_database_errors_do_not_contain_query_parameters(parts: ServiceParts) -> None:
    with parts.store.database.engine.connect() as connection, pytest.raises(Exception) as excinfo:
        connection.exec_driver_sql("SELECT nothing FROM nowhere WHERE x = 'y'")
    assert "parameters" not in str(excinfo.value) or "hidden" in str(excinfo.value)
