"""Change values of a YAML text in place: every character outside a changed value stays as it was.

PyYAML's parser finds where each value begins and ends. Entries of lists and blocks can also be moved, added and
removed; an entry that stays keeps its lines, comments included.
"""

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

PLAIN = re.compile(r"[A-Za-z][\w .'’()/@+-]*")
# Words that YAML readers take for true, false or nothing.
WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
WIDTH = 110
Path = Sequence[str | int]


@dataclass(frozen=True)
class Entry:
    """One entry of a list or block: `source` is where it was (None for a new one), `name` its name in a block."""

    source: str | int | None
    name: str
    value: Any


def find(text: str, path: Path) -> yaml.Node | None:
    """Return the node at `path`, or None."""
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    for part in path:
        node = _child(node, part)
    return node


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    return None


def scalar(value: object) -> str:
    """Return the value as one line of YAML that is also safe inside brackets."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    words = str(value)
    if PLAIN.fullmatch(words) and words == words.strip() and words.lower() not in WORDS:
        return words
    return json.dumps(words, ensure_ascii=False)


def _written(value: object, indent: int) -> str:
    """Return what follows the colon of a new setting: one line, or lines below it indented by `indent`."""
    margin = " " * indent
    if isinstance(value, dict) and value:
        return "\n" + "\n".join(f"{margin}{key}:{_written(part, indent + 2)}" for key, part in value.items())
    if isinstance(value, list) and value:
        return "\n" + "\n".join(f"{margin}- {_item(part, indent + 2)}" for part in value)
    if isinstance(value, dict | list):
        return " {}" if isinstance(value, dict) else " []"
    words = scalar(value)
    if len(words) + indent > WIDTH and isinstance(value, str) and "\n" not in value:
        return " >-\n" + _folded(value, margin)
    return f" {words}"


def _item(value: object, indent: int) -> str:
    if isinstance(value, dict) and value:
        return _written(value, indent).lstrip("\n").lstrip(" ")
    return scalar(value)


def _folded(value: str, margin: str) -> str:
    wrapped = textwrap.wrap(value, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
    return "\n".join(wrapped)


def set_value(text: str, path: Path, value: object) -> str:
    """Return `text` with the value at `path` replaced, or added where it was missing."""
    node = find(text, path)
    if node is None:
        return _add(text, path, value)
    start, end = node.start_mark.index, _end(text, node)
    if isinstance(node, yaml.ScalarNode) and node.style in (">", "|") and isinstance(value, str):
        found = re.search(r"\n( +)\S", text[start:end])
        return text[:start] + ">-\n" + _folded(value, found[1] if found else "  ") + text[end:]
    if not isinstance(node, yaml.ScalarNode) or isinstance(value, list | dict):
        indent = _indent(text, node, path)
        made = _written(value, indent)
        return (
            text[:start].rstrip(" ") + made + text[end:]
            if made.startswith("\n")
            else text[:start].rstrip() + made + text[end:]
        )
    return text[:start] + scalar(value) + text[end:]


def _indent(text: str, node: yaml.Node, path: Path) -> int:
    """Return the indentation of lines below the setting: that of its own line, and two more."""
    parent = find(text, path[:-1])
    assert isinstance(parent, yaml.MappingNode)
    key = next(key for key, value in parent.value if value.start_mark.index == node.start_mark.index)
    return int(key.start_mark.column) + 2


def _end(text: str, node: yaml.Node) -> int:
    """Return the end of the node; PyYAML's own end of a block lies behind the comments that follow it."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style:
        index = int(node.end_mark.index)
        return len(text[:index].rstrip()) if isinstance(node, yaml.ScalarNode) and node.style in (">", "|") else index
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last)


def _add(text: str, path: Path, value: object) -> str:
    """Return `text` with a new last line in the block of `path`, adding that block if it is missing."""
    parent = find(text, path[:-1])
    if parent is None:
        return _add(text, path[:-1], {path[-1]: value})
    if not isinstance(parent, yaml.MappingNode) or parent.flow_style or not parent.value:
        return set_value(text, path[:-1], {**_plain(parent), path[-1]: value})
    indent = int(parent.value[0][0].start_mark.column)
    end = _end(text, parent)
    end = text.find("\n", end) if text.find("\n", end) >= 0 else len(text)
    return f"{text[:end]}\n{' ' * indent}{path[-1]}:{_written(value, indent + 2)}{text[end:]}"


def _plain(node: yaml.Node) -> dict[Any, Any]:
    value = yaml.safe_load(yaml.serialize(node))
    return value if isinstance(value, dict) else {}


def value_at(text: str, path: Path) -> Any:
    """Return the value at `path`, or None."""
    node = find(text, path)
    return None if node is None else yaml.safe_load(yaml.serialize(node))


def set_entries(text: str, path: Path, entries: Sequence[Entry]) -> str:
    """Return `text` with other entries in the list or block at `path`: some changed, moved, added or removed."""
    for entry in entries:
        if entry.source is not None:
            text = _change(text, [*path, entry.source], entry.value)
    node = find(text, path)
    named = isinstance(node, yaml.MappingNode) or (node is None and any(entry.name for entry in entries))
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not entries:
        whole = {entry.name: entry.value for entry in entries} if named else [entry.value for entry in entries]
        return text if value_at(text, path) == whole else set_value(text, path, whole)
    return _arrange(text, node, entries)


def _change(text: str, path: Path, value: object) -> str:
    """Change what differs in one entry."""
    if not isinstance(value, dict):
        return text if value_at(text, path) == value else set_value(text, path, value)
    old = value_at(text, path) or {}
    for key, part in value.items():
        if part != old.get(key, "") and not (part == "" and key not in old):
            text = set_value(text, [*path, key], part)
    return text


def _arrange(text: str, node: yaml.Node, entries: Sequence[Entry]) -> str:
    """Return the text with the entries' lines in their new order; each new entry gets new lines."""
    named = isinstance(node, yaml.MappingNode)
    nodes = [value[0] for value in node.value] if named else list(node.value)
    column = int(node.start_mark.column)
    starts = [text.rfind("\n", 0, each.start_mark.index) + 1 for each in nodes]
    end = text.find("\n", _end(text, node))
    end = len(text) if end < 0 else end
    chunks: dict[str | int, str] = {}
    for number, start in enumerate(starts):
        stop = starts[number + 1] - 1 if number + 1 < len(starts) else end
        chunks[nodes[number].value if named else number] = text[start:stop]
    margin = " " * column
    made = []
    for entry in entries:
        if entry.source is not None:
            lines = chunks[entry.source]
            if named and entry.name != entry.source:
                lines = lines.replace(f"{margin}{entry.source}:", f"{margin}{entry.name}:", 1)
            made.append(lines)
        elif named:
            made.append(f"{margin}{entry.name}:{_written(entry.value, column + 2)}")
        else:
            made.append(f"{margin}- {_item(entry.value, column + 2)}")
    return text[: starts[0]] + "\n".join(made) + text[end:]
