"""Read mkdocs.yml as YAML, and report syntax errors in plain words."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml


class UnreadableConfig(ValueError):
    """Raised if mkdocs.yml cannot be read. The message names the file and often the line."""


_DUPLICATE_MESSAGE = "is in its block twice: delete one of the two"
_HINTS = {
    "mapping values are not allowed": "text that contains a colon and a space must be in quotes",
    r"cannot start any token": "the line begins with a tab, or a character that YAML uses itself: use spaces",
    "end of (the )?stream": "a quotation mark or a bracket is opened and not closed",
}

# libyaml's parser where PyYAML has it: ten times as fast, at each start and each page preview.
_BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BaseLoader):  # type: ignore[misc, valid-type]
    """A YAML loader that refuses duplicate names, and reads the tags of MkDocs such as !ENV as None."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Construct a mapping. Raises ConstructorError if a name appears twice in it."""
        seen_keys: set[str] = set()
        for key, _ in node.value:
            if key.value in seen_keys:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} {_DUPLICATE_MESSAGE}", key.start_mark)
            seen_keys.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


# Dates stay strings: YAML would raise an error for an impossible date such as 2026-02-30.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _loader, node: str(node.value))
_Loader.add_multi_constructor("!", lambda _loader, _tag, _node: None)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, _tag, _node: None)


def read(path: Path) -> dict[str, Any]:
    """Return the content of mkdocs.yml, or {} if it is not a mapping.

    Raises UnreadableConfig if the file cannot be read. Its message is written for people who edit the file.
    """
    try:
        config = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except OSError as error:
        raise UnreadableConfig(f"{path.name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableConfig(f"{path.name} is not saved as UTF-8: save it again with that encoding") from error
    except yaml.MarkedYAMLError as error:
        raise UnreadableConfig(_syntax_error_text(path.name, error)) from error
    # Raised by YAML's own tags for a value of another type (`!!int x`), and by endless nesting.
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UnreadableConfig(f"{path.name} cannot be read: {reason}. Undo the last change") from error
    return config if isinstance(config, dict) else {}


def _syntax_error_text(name: str, error: yaml.MarkedYAMLError) -> str:
    """Return a message for a YAML syntax error, with the file's name, the line and the probable cause."""
    mark = error.problem_mark or error.context_mark
    line = f", line {mark.line + 1}" if mark else ""
    problem = " ".join(str(error.problem or error.context).split())
    if _DUPLICATE_MESSAGE in problem:
        return f"{name}{line}: {problem}"
    for pattern, hint in _HINTS.items():
        if re.search(pattern, problem):
            return f"{name}{line}: {hint}"
    return f"{name}{line}: this line cannot be read ({problem}). Look at quotes, colons and indents here and above"
