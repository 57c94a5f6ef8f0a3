"""Change values in a YAML text, and leave every other character as it is.

Entries of lists and mappings can also be moved, added and removed. Other entries keep their lines and comments. The
text must have LF line ends and no byte order mark.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

# PyYAML's parser in C finds the same positions, and is two hundred times as fast.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PLAIN_SCALAR = re.compile(r"[A-Za-z][\w .'’()/@+-]*")
# Words that YAML readers take for true, false or nothing.
RESERVED_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
# Characters that YAML reads as line ends, or refuses: they are written as escapes.
ESCAPED_CHARACTERS = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
FOLD_WIDTH = 110  # where long texts are folded
NodePath = Sequence[str | int]
Value = str | int | bool | list[Any] | dict[str, Any]


class NoSuchMapping(KeyError):
    """Raised if the mapping that should contain a setting is missing.

    The error's argument is the setting's dotted path.
    """


@dataclass(frozen=True)
class Entry:
    """An entry of a YAML list or mapping.

    `source` is the index or key of the entry before the change, or None if the entry is new. `name` is the key after
    the change, or "" if it is in a list.
    """

    source: str | int | None
    name: str
    value: Any


def find_node(text: str, path: NodePath) -> yaml.Node | None:
    """Return the node at `path` in `text`, or None if `path` is missing. Raises yaml.YAMLError for invalid YAML."""
    node: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    for part in path:
        node = _child_node(node, part)
    return node


def _child_node(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: yaml.Node = node.value[part]
        return child
    return None


def value_at(text: str, path: NodePath) -> Any:
    """Return the value at `path` in the YAML `text`, or None if `path` is missing."""
    node = find_node(text, path)
    return None if node is None else yaml.safe_load(yaml.serialize(node))


def inline_yaml(value: object, style: str | None = None) -> str:
    """Return `value` as one line of YAML.

    `style` is the preferred quote character. With None, there are quotes only where YAML needs them.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inline_yaml(str(name))}: {inline_yaml(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline_yaml(part) for part in value) + "]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    words = str(value)
    if (
        style is None
        and PLAIN_SCALAR.fullmatch(words)
        and words == words.strip()
        and words.lower() not in RESERVED_WORDS
    ):
        return words
    escaped_text = ESCAPED_CHARACTERS.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(words, ensure_ascii=False)
    )
    if style == "'" and "\\" not in escaped_text.replace('\\"', "").replace("\\\\", ""):
        return "'" + words.replace("'", "''") + "'"
    return escaped_text


def _block_text(value: object, indent: int) -> str:
    """Return the YAML that follows a key's colon for `value`. Any further lines are indented by `indent` spaces."""
    margin = " " * indent
    if isinstance(value, dict) and value:
        return "\n" + "\n".join(
            f"{margin}{inline_yaml(str(key))}:{_block_text(part, indent + 2)}" for key, part in value.items()
        )
    if isinstance(value, list) and value:
        return "\n" + "\n".join(f"{margin}- {_item_text(part, indent + 2)}" for part in value)
    line = inline_yaml(value)
    if len(line) + indent > FOLD_WIDTH and _can_be_folded(value):
        return " >-\n" + _fold_text(str(value), margin)
    return f" {line}"


def _item_text(value: object, indent: int) -> str:
    if isinstance(value, dict) and value:
        return _block_text(value, indent).lstrip("\n").lstrip(" ")
    return inline_yaml(value)


def _can_be_folded(value: object) -> bool:
    """Return whether YAML can fold `value` over several lines without changing it."""
    return (
        isinstance(value, str)
        and value != ""
        and not re.search(r"^\s|\s$|\s{2}|[^\S ]", value)
        and (ESCAPED_CHARACTERS.search(value) is None and value.isprintable())
    )


def _fold_text(value: str, margin: str) -> str:
    options = {"break_on_hyphens": False, "break_long_words": False}
    lines = textwrap.wrap(value, FOLD_WIDTH, initial_indent=margin, subsequent_indent=margin, **options)  # type: ignore[arg-type]
    return "\n".join(lines)


def set_values(text: str, values: Mapping[str, Value]) -> str:
    """Return the YAML `text` with each of `values` set at the dotted path that is its key.

    Raises NoSuchMapping if the mapping that should contain a value is missing.
    """
    for name, value in values.items():
        path = name.split(".")
        if not isinstance(find_node(text, path[:-1]), yaml.MappingNode):
            raise NoSuchMapping(name)
        text = set_value(text, path, value)
    return text


def set_value(text: str, path: NodePath, value: object) -> str:
    """Return the YAML `text` with the value at `path` replaced, or added if it is missing."""
    node = find_node(text, path)
    if node is None:
        return _add_value(text, path, value)
    old_value = value_at(text, path)
    if old_value == value and isinstance(old_value, bool) == isinstance(value, bool):
        return text
    start, end = node.start_mark.index, _node_end(text, node)
    if not isinstance(node, yaml.ScalarNode) or isinstance(value, list | dict):
        return _replace_block(text, node, path, value)
    if node.style in (">", "|"):
        margin = re.search(r"\n( +)\S", text[start:end])
        if _can_be_folded(value) and len(str(value)) > FOLD_WIDTH // 2:
            return text[:start] + ">-\n" + _fold_text(str(value), margin[1] if margin else "  ") + text[end:]
        return text[:start] + inline_yaml(value) + text[end:]
    style = node.style if isinstance(value, str) and node.style else None
    return text[:start] + ("" if text[start - 1 : start] in (" ", "") else " ") + inline_yaml(value, style) + text[end:]


def _replace_block(text: str, node: yaml.Node, path: NodePath, value: object) -> str:
    """Return `text` with `value` in place of `node`. The node or the value is a list or mapping."""
    parent = find_node(text, path[:-1])
    start, end = node.start_mark.index, _node_end(text, node)
    if not isinstance(parent, yaml.MappingNode) or parent.flow_style:
        return text[:start] + inline_yaml(value) + text[end:]
    key = next(key for key, value_node in parent.value if value_node.start_mark.index == start)
    return text[:start].rstrip() + _block_text(value, int(key.start_mark.column) + 2) + text[end:]


def _node_end(text: str, node: yaml.Node) -> int:
    """Return the index in `text` at which `node` ends, before any comments below it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last_child = node.value[-1]
        return _node_end(text, last_child[1] if isinstance(last_child, tuple) else last_child)
    # PyYAML counts the comments below a block as part of it.
    index = int(node.end_mark.index)
    return len(text[:index].rstrip()) if isinstance(node, yaml.ScalarNode) and node.style in (">", "|") else index


def _add_value(text: str, path: NodePath, value: object) -> str:
    """Return `text` with `value` added at `path`. A missing mapping on the way is added too."""
    parent = find_node(text, path[:-1])
    if parent is None:
        return _add_value(text, path[:-1], {path[-1]: value})
    if not isinstance(parent, yaml.MappingNode) or parent.flow_style or not parent.value:
        old_block = value_at(text, path[:-1])
        return set_value(text, path[:-1], {**(old_block if isinstance(old_block, dict) else {}), path[-1]: value})
    indent = int(parent.value[0][0].start_mark.column)
    end = _line_end(text, _node_end(text, parent))
    return f"{text[:end]}\n{' ' * indent}{inline_yaml(path[-1])}:{_block_text(value, indent + 2)}{text[end:]}"


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def set_entries(text: str, path: NodePath, entries: Sequence[Entry]) -> str:
    """Return `text` with `entries` as the list or mapping at `path`.

    Unchanged entries keep their lines, even if they move. An entry whose `source` no longer exists is added as new.
    """
    entries = [
        entry
        if entry.source is not None and find_node(text, [*path, entry.source])
        else Entry(None, entry.name, entry.value)
        for entry in entries
    ]
    for entry in entries:
        if entry.source is not None:
            text = _change_entry(text, [*path, entry.source], entry.value)
    node = find_node(text, path)
    is_mapping = isinstance(node, yaml.MappingNode) or (node is None and any(entry.name for entry in entries))
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not entries:
        collection = (
            {entry.name: entry.value for entry in entries} if is_mapping else [entry.value for entry in entries]
        )
        return text if value_at(text, path) == collection else set_value(text, path, collection)
    return _arrange_entries(text, node, entries)


def _change_entry(text: str, path: NodePath, value: object) -> str:
    """Return `text` with the entry at `path` changed to `value`. Keys that are not in `value` keep their values."""
    if not isinstance(value, dict):
        return set_value(text, path, value)
    old_entry = value_at(text, path) or {}
    for key, part in value.items():
        if part != old_entry.get(key, "") and not (part == "" and key not in old_entry):
            text = set_value(text, [*path, key], part)
    return text


def _arrange_entries(text: str, node: yaml.Node, entries: Sequence[Entry]) -> str:
    """Return `text` with `entries` in place of the entries of `node`, a list or mapping.

    An entry with a `source` (the key or index of an old entry) keeps the lines of that entry; only its key may change.
    """
    is_mapping = isinstance(node, yaml.MappingNode)
    nodes = [value[0] for value in node.value] if is_mapping else list(node.value)
    column = int(node.start_mark.column)
    start_indexes = [text.rfind("\n", 0, entry_node.start_mark.index) + 1 for entry_node in nodes]
    end = _line_end(text, _node_end(text, node))
    old_lines: dict[str | int, str] = {}
    for number, start in enumerate(start_indexes):
        entry_end = start_indexes[number + 1] - 1 if number + 1 < len(start_indexes) else end
        old_lines[nodes[number].value if is_mapping else number] = text[start:entry_end]
    margin = " " * column
    new_lines = []
    for entry in entries:
        if entry.source is not None:
            lines = old_lines[entry.source]
            if is_mapping and entry.name != entry.source:
                lines = lines.replace(f"{margin}{entry.source}:", f"{margin}{entry.name}:", 1)
            new_lines.append(lines)
        elif is_mapping:
            new_lines.append(f"{margin}{inline_yaml(entry.name)}:{_block_text(entry.value, column + 2)}")
        else:
            new_lines.append(f"{margin}- {_item_text(entry.value, column + 2)}")
    return text[: start_indexes[0]] + "\n".join(new_lines) + text[end:]
