"""The log: one JSON object per line, with fields that cannot contain personal data.

Unloggable is raised for a field that is not in ALLOWED_FIELDS, and for a value that a person could have typed. The
messages of other packages are logged as templates, without their arguments. Exceptions are logged without their
message.
"""

import json
import logging
import re
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

ALLOWED_FIELDS = frozenset(
    (
        "code",
        "count",
        "drafts",
        "error",
        "host",
        "incident",
        "kind",
        "mails",
        "pid",
        "place",
        "port",
        "reference",
        "seconds",
        "state",
        "tries",
    )
)
_LOGGABLE_TEXT_PATTERN = re.compile(r"[A-Za-z0-9_.:/+-]{0,120}")
_UNSAFE_CHARACTER_PATTERN = re.compile(r"[^A-Za-z0-9_.-]")
_logger = logging.getLogger("form_service")


class Unloggable(ValueError):
    """Raised if a field or a value must not be logged. Its message names the field, never the value."""


def event(name: str, level: int = logging.INFO, /, **fields: str | float | bool | None) -> None:
    """Log an event.

    Raises Unloggable if a field is not in ALLOWED_FIELDS, or if `name` or the text of a field is not one word.
    """
    for field, value in fields.items():
        if field not in ALLOWED_FIELDS:
            raise Unloggable(f"the field {field} is not on the list")
        if not isinstance(value, (str, int, float, bool, type(None))):
            raise Unloggable(f"the field {field} holds a {type(value).__name__}")
        if isinstance(value, str) and not _LOGGABLE_TEXT_PATTERN.fullmatch(value):
            raise Unloggable(f"the field {field} holds more than a word")
    if not _LOGGABLE_TEXT_PATTERN.fullmatch(name):
        raise Unloggable("an event's name is one word")
    _logger.log(level, name, extra={"fields": fields})


def warn(name: str, /, **fields: str | float | bool | None) -> None:
    """Log, at level WARNING, an event that the operator should look at."""
    event(name, logging.WARNING, **fields)


def exception(error: Exception) -> None:
    """Log the class and location of an exception, but not its message. The message may quote what a person typed."""
    frames = traceback.extract_tb(error.__traceback__)
    own_frames = [frame for frame in frames if "/form_service/" in frame.filename]
    # The last line in this package, and the line in a library or a template that raised the error.
    locations = dict.fromkeys(
        f"{_UNSAFE_CHARACTER_PATTERN.sub('_', Path(frame.filename).name)}:{frame.lineno}"
        for frame in (*own_frames[-1:], *frames[-1:])
    )
    event("unexpected", logging.ERROR, error=type(error).__name__[:80], place="/".join(locations)[:120])


class _JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
        }
        if record.name == _logger.name:
            entry["event"] = record.msg
            entry.update(getattr(record, "fields", {}))
        else:
            # Leave out the arguments, which may be typed text, and any message that is already formatted with them.
            template = str(record.msg)
            entry["event"] = "library"
            entry["place"] = record.name
            entry["template"] = template if _is_safe_template(template) else "(not shown)"
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            entry["place"] = _traceback_locations(record.exc_info[2])
        return json.dumps(entry, ensure_ascii=True)


def _is_safe_template(template: str) -> bool:
    return len(template) < 200 and template.isascii() and "\n" not in template and "@" not in template


def _traceback_locations(trace: TracebackType | None) -> str:
    """Return the file, line and function of each of a traceback's last 12 frames."""
    frames = traceback.extract_tb(trace)[-12:]
    return " ".join(f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in frames)


def configure(stream: TextIO = sys.stderr) -> None:
    """Write this process's log to `stream` as JSON lines.

    The service's events are logged from level INFO, the messages of other packages from WARNING.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JSONFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _logger.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
