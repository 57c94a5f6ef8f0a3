"""Read a page's front matter (the lines between dashes at its top), and change single values of it."""

import json
import re
from dataclasses import dataclass

import yaml

HEAD = re.compile(r"\A---\n(.*?\n)?---\n", re.DOTALL)
HEADING = re.compile(r"^# +(.+?)\s*$", re.MULTILINE)
PLAIN = re.compile(r"[A-Za-z][\w ,.’()/+-]*")


@dataclass(frozen=True)
class Page:
    """A page's file: `head` with its dashes (or ""), `body` below it, and what the head says."""

    head: str
    body: str
    title: str
    description: str

    @property
    def first_line(self) -> int:
        """Return the number of the body's first line in the file."""
        return self.head.count("\n") + 1


def heading_of(body: str) -> str:
    """Return the page's name: its first heading."""
    found = HEADING.search(body)
    return found[1] if found else ""


def parse(text: str) -> Page:
    """Return the parts of a page's file."""
    found = HEAD.match(text)
    head = found[0] if found else ""
    values = _values(head)
    body = text[len(head) :]
    title = str(values.get("title") or heading_of(body))
    return Page(head, body, title, str(values.get("description") or ""))


def _values(head: str) -> dict[str, object]:
    try:
        values = yaml.safe_load(head.strip().strip("-")) if head else None
    except yaml.YAMLError:
        return {}
    return values if isinstance(values, dict) else {}


def compose(old: str, body: str, description: str | None = None) -> str:
    """Return the file `old` with another body, a title that follows its heading, and `description` if given."""
    page = parse(old)
    head = page.head
    title = heading_of(body)
    if title and title != _values(head).get("title"):
        head = set_value(head, "title", title)
    if description is not None and _one_line(description) != _one_line(page.description):
        head = set_value(head, "description", _one_line(description))
    return head + body


def _one_line(text: str) -> str:
    return " ".join(text.split())


def set_value(head: str, name: str, value: str | list[str]) -> str:
    """Return `head` with `name` set to `value`; the other lines stay as they are."""
    line = f"{name}: {scalar(value)}"
    if not head:
        return f"---\n{line}\n---\n"
    inside = head[len("---\n") : -len("---\n")]
    node = _find(inside, name)
    if node is None:
        return f"---\n{inside}{line}\n---\n"
    start, end = node
    tail = inside[end:]
    return f"---\n{inside[:start]}{line}\n{tail.lstrip(chr(10))}---\n"


def _find(inside: str, name: str) -> tuple[int, int] | None:
    """Return where the lines of `name` begin and end, or None."""
    found = re.search(
        rf"^{re.escape(name)}:[^\n]*\n?(?:[ \t]+[^\n]*\n?|- [^\n]*\n?|[ \t]*\n(?=[ \t]))*", inside, re.MULTILINE
    )
    return (found.start(), found.end()) if found else None


def scalar(value: str | list[str]) -> str:
    """Return the value as one line of YAML."""
    if isinstance(value, list):
        return "[" + ", ".join(scalar(part) for part in value) + "]"
    quiet = value.lower() not in {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
    if quiet and value == value.strip() and (PLAIN.fullmatch(value) or re.fullmatch(r"/[\w./-]+", value)):
        return value
    return json.dumps(value, ensure_ascii=False)
