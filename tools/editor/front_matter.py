"""Read the front matter of a page (the YAML between dashes at its top), and change its values."""

import re
from dataclasses import dataclass

import yaml

from tools.content import yaml_edit
from tools.publish.hosting import old_url_paths

YAML_HEADER = re.compile(r"\A---\n(.*?\n)?---\n", re.DOTALL)
HEADING = re.compile(r"^# +(.+?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """The parts of a page's Markdown file.

    `yaml_header` is the front matter with its dashes, or "". If it has no title, `title` is the first heading.
    `old_url_paths` are the URL paths that redirect to the page, as listed in `moved_from`.
    """

    yaml_header: str
    body: str
    title: str
    description: str
    old_url_paths: tuple[str, ...]

    @property
    def body_line_number(self) -> int:
        """Return the line number in the file at which the body begins."""
        return self.yaml_header.count("\n") + 1


def heading_of(body: str) -> str:
    """Return the first heading of a page, which is the page's name, or "" if there is none."""
    match = HEADING.search(body)
    return match[1] if match else ""


def parse_page(text: str) -> Page:
    """Split the text of a page's file into its parts. Invalid YAML in the front matter counts as empty."""
    match = YAML_HEADER.match(text)
    yaml_header = match[0] if match else ""
    values = _header_values(yaml_header)
    body = text[len(yaml_header) :]
    title = str(values.get("title") or heading_of(body))
    return Page(yaml_header, body, title, str(values.get("description") or ""), tuple(old_url_paths(values)))


def _header_values(yaml_header: str) -> dict[str, object]:
    try:
        values = yaml.safe_load(yaml_header.strip().strip("-")) if yaml_header else None
    except yaml.YAMLError:
        return {}
    return values if isinstance(values, dict) else {}


def compose_page(old_text: str, body: str, description: str | None = None) -> str:
    """Return the text of a page with `body` in place of its old body.

    The first heading of `body` becomes the title in the front matter, and `description` becomes the description there.
    If `description` is None, the old description stays.
    """
    page = parse_page(old_text)
    yaml_header = page.yaml_header
    title = heading_of(body)
    if title and title != _header_values(yaml_header).get("title"):
        yaml_header = set_value(yaml_header, "title", title)
    if description is not None and _one_line(description) != _one_line(page.description):
        yaml_header = set_value(yaml_header, "description", _one_line(description))
    return yaml_header + body


def _one_line(text: str) -> str:
    return " ".join(text.split())


def set_value(yaml_header: str, name: str, value: str | list[str]) -> str:
    """Return the front matter with the value of `name` replaced or added.

    Invalid YAML is returned unchanged, because the build reports it.
    """
    yaml_text = yaml_header[len("---\n") : -len("---\n")]
    if not yaml_text.strip():
        return f"---\n{name}: {yaml_edit.inline_yaml(value)}\n---\n"
    try:
        return f"---\n{yaml_edit.set_value(yaml_text, [name], value)}---\n"
    except yaml.YAMLError:
        return yaml_header
