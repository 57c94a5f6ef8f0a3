"""Change single values of a YAML file and leave every other character, comments included, as it was."""

import json
import re
import textwrap
from collections.abc import Mapping

import yaml

PLAIN = re.compile(r"[A-Za-z][\w ,.'’()/@+-]*")
# Words that YAML readers take for true, false or nothing.
WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
WIDTH = 110


class NoSuchValue(KeyError):
    """The file holds no single value at that place."""


def _find(text: str, path: str) -> yaml.ScalarNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for key in path.split("."):
        if not isinstance(node, yaml.MappingNode):
            raise NoSuchValue(path)
        node = next((value for name, value in node.value if name.value == key), None)
    if not isinstance(node, yaml.ScalarNode):
        raise NoSuchValue(path)
    return node


def scalar(value: str | int | bool) -> str:
    """The value as one line of YAML."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    if PLAIN.fullmatch(value) and value == value.strip() and value.lower() not in WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def set_value(text: str, path: str, value: str | int | bool) -> str:
    """`text` with the value at the dotted `path` replaced; a long text stays a folded block.

    Raises NoSuchValue when there is no single value at that place.
    """
    node = _find(text, path)
    start, end = node.start_mark.index, node.end_mark.index
    if node.style not in (">", "|"):
        return text[:start] + scalar(value) + text[end:]
    old = text[start:end]
    indent = re.search(r"\n( +)\S", old)
    margin = indent[1] if indent else "  "
    lines = textwrap.wrap(str(value), WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
    kept = old[len(old.rstrip()) :]
    return text[:start] + ">-\n" + "\n".join(lines) + kept + text[end:]


def set_values(text: str, values: Mapping[str, str | int | bool]) -> str:
    """`set_value` for several places. Raises NoSuchValue."""
    for path, value in values.items():
        text = set_value(text, path, value)
    return text
