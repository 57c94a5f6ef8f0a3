"""Fill the service's facts into a text: `{{ phone }}` becomes the phone number of mkdocs.yml."""

import difflib
import re
from collections.abc import Mapping

FACT_REFERENCE = re.compile(r"\{\{\s*([A-Za-z0-9_.]+)\s*\}\}")
# Facts that complete a sentence, which also reads well without them.
FACTS_ALLOWED_EMPTY = frozenset({"or_text", "link.or_text"})
STRAY_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}")


class FactError(ValueError):
    """Raised if a text contains a wrong reference to a fact. The message names the line."""


class UnknownFact(FactError):
    """Raised if a text refers to a fact that does not exist."""

    def __init__(self, name: str, line: int, suggestion: str | None) -> None:
        hint = f" Did you mean {{{{ {suggestion} }}}}?" if suggestion else ""
        super().__init__(f"line {line}: there is no fact called {{{{ {name} }}}}.{hint}")


class StrayBraces(FactError):
    """Raised if a text contains braces that do not enclose the name of a fact."""

    def __init__(self, braces: str, line: int) -> None:
        super().__init__(f"line {line}: {braces} is on its own. A fact is written {{{{ phone }}}}.")


def flatten(values: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Return all values as strings, keyed by dotted name: {"privacy": {"keep_days": 7}} → {"privacy.keep_days": "7"}.

    A list of strings becomes one string with commas; any other list is left out.
    """
    facts: dict[str, str] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            facts |= flatten(value, f"{name}.")
        elif isinstance(value, list):
            if all(isinstance(item, str) for item in value):
                facts[name] = ", ".join(value)
        else:
            facts[name] = str(value).strip()
    return facts


def nearest_name(name: str, known_names: Mapping[str, str]) -> str | None:
    """Return the known name closest to `name`, or None when nothing is close."""
    matches = difflib.get_close_matches(name, known_names, n=1, cutoff=0.5)
    return matches[0] if matches else None


def refers_to_empty_fact(text: str, facts: Mapping[str, str]) -> bool:
    """Return whether `text` refers to an empty fact that is not in FACTS_ALLOWED_EMPTY."""
    names = set(FACT_REFERENCE.findall(text)) - FACTS_ALLOWED_EMPTY
    return any(name in facts and not facts[name].strip() for name in names)


def fill(text: str, facts: Mapping[str, str], first_line: int = 1) -> str:
    """Return `text` with each `{{ name }}` replaced by the value of that fact.

    Raises UnknownFact for an unknown name and StrayBraces for any other braces. The message counts lines from
    `first_line`.
    """

    def fact_value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in facts:
            line = first_line + text.count("\n", 0, match.start())
            raise UnknownFact(name, line, nearest_name(name, facts))
        return facts[name]

    stray_braces = STRAY_BRACES.search(FACT_REFERENCE.sub(lambda match: " " * len(match[0]), text))
    if stray_braces:
        raise StrayBraces(stray_braces[0], first_line + text.count("\n", 0, stray_braces.start()))
    return FACT_REFERENCE.sub(fact_value, text)
