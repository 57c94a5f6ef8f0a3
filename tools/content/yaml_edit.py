"""Change values of a YAML file and leave every other line as it was: comments, quotes, order, line ends.

ruamel.yaml reads and writes the file with its comments; only the lines in which its output differs are taken over.
"""

import io
import re
import textwrap
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, TaggedScalar
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    ScalarString,
)

BOM = "\ufeff"
_COMMENT = re.compile(r"\s*(?:#.*)?")
WIDTH = 110  # where long texts are folded

Value = str | int | bool | list[Any] | dict[str, Any]


class NoSuchValue(KeyError):
    """The file holds no block at that place."""


def set_values(text: str, values: Mapping[str, Value]) -> str:
    """Return `text` with the value at each dotted path replaced, or added to the block that the path leads to.

    Raises NoSuchValue where the path leads to no block, and ruamel's YAMLError for a text that is not YAML.
    """
    body = text.removeprefix(BOM)
    plain = body.replace("\r\n", "\n")
    document = _yaml().load(plain)
    before = _dumped(document)
    for path, value in values.items():
        _set(document, path, value)
    after = _dumped(document)
    patched = _patched(body, before, after)
    if _data(_yaml().load(patched.replace("\r\n", "\n"))) != _data(_yaml().load(after)):
        patched = after  # the file is laid out in a way in which lines cannot be told apart
    return text[: len(text) - len(body)] + patched


def set_value(text: str, path: str, value: Value) -> str:
    """Return `text` with one value replaced. Raises as `set_values` does."""
    return set_values(text, {path: value})


def _yaml() -> YAML:
    ruamel = YAML()
    ruamel.preserve_quotes = True
    ruamel.width = 1_000_000
    ruamel.indent(mapping=2, sequence=4, offset=2)
    return ruamel


def _dumped(document: Any) -> str:
    stream = io.StringIO()
    _yaml().dump(document, stream)
    return stream.getvalue()


def _set(document: Any, path: str, value: Value) -> None:
    *blocks, name = path.split(".")
    block = document
    for key in blocks:
        block = block.get(key) if isinstance(block, CommentedMap) else None
    if not isinstance(block, CommentedMap):
        raise NoSuchValue(path)
    old = block.get(name)
    if name in block and old == value and isinstance(old, bool) == isinstance(value, bool):
        return
    block[name] = _styled(value, old)


def _styled(value: Any, old: object = None) -> Any:
    """Return the value as it is to be written: a long text as a block where the old one was, quotes as they were.

    What MkDocs' YAML 1.1 would take for something else without quotes, such as yes or 0123, gets quotes.
    """
    if isinstance(value, list):
        return [_styled(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _styled(entry) for name, entry in value.items()}
    if not isinstance(value, str):
        return value
    block = isinstance(old, FoldedScalarString | LiteralScalarString)
    if block and len(value) > WIDTH // 2 and value.strip() == value:
        return _folded(value) if "\n" not in value else LiteralScalarString(value)
    if isinstance(old, ScalarString) and not block:
        return type(old)(value)
    return value if _is_plain(value) else DoubleQuotedScalarString(value)


def _is_plain(value: str) -> bool:
    try:
        return bool(yaml.safe_load(f"[{value}]") == [value])
    except (yaml.YAMLError, ValueError):
        return False


def _folded(value: str) -> Any:
    """Return the text folded at WIDTH; it may be folded at a single space between words only."""
    folded = FoldedScalarString(value)
    if re.search(r"\s{2}|[^\S ]", value):
        return folded
    places, place = [], 0
    for line in textwrap.wrap(value, WIDTH, break_long_words=False, break_on_hyphens=False)[:-1]:
        place += len(line)
        places.append(place)
        place += 1
    folded.fold_pos = places
    return folded


def _data(value: Any) -> Any:
    """Return plain data to compare; a value with a tag, such as !ENV, is compared by its words."""
    if isinstance(value, dict):
        return {name: _data(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_data(each) for each in value]
    return str(value.value) if isinstance(value, TaggedScalar) else value


def _patched(body: str, before: str, after: str) -> str:
    """Return `body` with the lines changed that differ between `before` and `after`, two outputs of the same writer."""
    newline = "\r\n" if body.count("\r\n") * 2 > body.count("\n") else "\n"
    original = re.findall(r"[^\n]*\n|[^\n]+\Z", body)
    old, new = before.split("\n"), after.split("\n")
    places = _places([line.rstrip("\r\n") for line in original], old)
    lines: list[str] = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += original[places[start] : places[end]]
            continue
        lines += [line + newline for line in new[new_start:new_end]]
        # The writer holds a comment below a block for a part of the block.
        kept = end
        while kept > start and _COMMENT.fullmatch(old[kept - 1]) and old[kept - 1] not in new[new_start:new_end]:
            kept -= 1
        lines += original[places[kept] : places[end]]
    return "".join(lines)


def _places(original: list[str], written: list[str]) -> list[int]:
    """Return for each place between two written lines the place between the original lines that it stands for."""
    places = [0] * (len(written) + 1)
    places[-1] = len(original)
    known: dict[int, int] = {}
    for match in SequenceMatcher(None, written, original, autojunk=False).get_matching_blocks():
        known |= {match.a + step: match.b + step for step in range(match.size)}
    for place in range(1, len(written)):
        if place in known:
            places[place] = known[place]
        elif place - 1 in known:
            places[place] = known[place - 1] + 1
        else:
            places[place] = places[place - 1]
    return places


__all__ = ["NoSuchValue", "Value", "YAMLError", "set_value", "set_values"]
