"""The front matter of a page (the YAML between dashes at its top): reading it, and changing single values."""

import re
from dataclasses import dataclass

import yaml

from tools.content import yaml_edit

HEAD = re.compile(r"\A---\n(.*?\n)?---\n", re.DOTALL)
HEADING = re.compile(r"^# +(.+?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """The parts of a page's file.

    `head` is the front matter with its dashes, or "". `body` is the Markdown below it. `title` and `description` come
    from the front matter; without a title there, `title` is the first heading.
    """

    head: str
    body: str
    title: str
    description: str

    @property
    def first_line(self) -> int:
        """Return the number of the line in the file at which the body begins."""
        return self.head.count("\n") + 1


def heading_of(body: str) -> str:
    """Return the first heading of a page, which is the page's name, or "" if there is none."""
    match = HEADING.search(body)
    return match[1] if match else ""


def parse(text: str) -> Page:
    """Return the parts of a page's file. Front matter that is not valid YAML counts as empty."""
    match = HEAD.match(text)
    head = match[0] if match else ""
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


def compose(old_text: str, body: str, description: str | None = None) -> str:
    """Return the text of a page with `body` as its new body, and the heading of `body` as its title.

    `description` replaces the old one, unless it is None.
    """
    page = parse(old_text)
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
    """Return the front matter `head` with the value of `name` replaced or added.

    Front matter that is not valid YAML is returned unchanged: the build reports the error.
    """
    yaml_text = head[len("---\n") : -len("---\n")]
    if not yaml_text.strip():
        return f"---\n{name}: {yaml_edit.inline_yaml(value)}\n---\n"
    try:
        return f"---\n{yaml_edit.set_value(yaml_text, [name], value)}---\n"
    except yaml.YAMLError:
        return head
