"""Fill the service's facts into a text: `{{ phone }}` becomes the phone number of mkdocs.yml."""

import difflib
import re
from collections.abc import Mapping

MARK = re.compile(r"\{\{\s*([A-Za-z0-9_.]+)\s*\}\}")
LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}")


class UnknownFact(ValueError):
    """A text names a fact that the configuration does not have, or has unmatched braces."""


class MisspeltFact(UnknownFact):
    """A text names a fact that the configuration does not have."""

    def __init__(self, name: str, line: int, nearest: str | None) -> None:
        self.name, self.line, self.nearest = name, line, nearest
        hint = f" Did you mean {{{{ {nearest} }}}}?" if nearest else ""
        super().__init__(f"line {line}: there is no fact called {{{{ {name} }}}}.{hint}")


class UnfinishedFact(UnknownFact):
    """A text has braces that do not enclose a fact, and would be printed."""

    def __init__(self, braces: str, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}: {braces} is on its own. A fact is written {{{{ phone }}}}.")


def flatten(values: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Return every plain value under its dotted name: {"privacy": {"keep_days": 7}} → "privacy.keep_days": "7"."""
    found: dict[str, str] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flatten(value, f"{name}.")
        elif isinstance(value, list):
            if all(isinstance(line, str) for line in value):
                found[name] = ", ".join(value)
        else:
            found[name] = str(value).strip()
    return found


def nearest(name: str, known: Mapping[str, str]) -> str | None:
    """Return the known name closest to `name`, or None when nothing is close."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return near[0] if near else None


def fill(text: str, facts: Mapping[str, str], first_line: int = 1) -> str:
    """Return `text` with each `{{ name }}` replaced.

    Raises MisspeltFact, with the line (counted from `first_line`) and the nearest name, for a name that is not in
    `facts`, and UnfinishedFact for braces that remain; both are UnknownFact.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in facts:
            line = first_line + text.count("\n", 0, match.start())
            raise MisspeltFact(name, line, nearest(name, facts))
        return facts[name]

    left = LEFT_OVER.search(MARK.sub(lambda match: " " * len(match[0]), text))
    if left:
        raise UnfinishedFact(left[0], first_line + text.count("\n", 0, left.start()))
    return MARK.sub(value, text)
