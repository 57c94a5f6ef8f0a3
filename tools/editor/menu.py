"""The order of the pages: `nav` of mkdocs.yml, read and written line by line so that comments and quotes stay."""

import re
from dataclasses import dataclass, field

from tools.editor.front_matter import scalar

LINE = re.compile(r"^(?P<indent> *)- +(?P<entry>.*?)\s*$")
PAGE = re.compile(r"^(?:(?P<text>[^:]+): +)?(?P<page>[\w/-]+\.md)(?: +#.*)?$")


class MenuError(ValueError):
    """The menu of mkdocs.yml is written in a way that the editor cannot read."""


@dataclass
class Section:
    """A heading of the menu and the pages below it; a section without a title holds pages that stand by themselves."""

    title: str
    pages: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Menu:
    """The menu, its lines as they stand in the file, and where: lines `first` up to `last`."""

    sections: list[Section]
    lines: dict[str, str]
    first: int
    last: int


def parse(config: str) -> Menu:
    """Return the menu in mkdocs.yml's text. Raises MenuError."""
    rows = config.split("\n")
    start = next((number for number, row in enumerate(rows) if re.match(r"nav:\s*(#.*)?$", row)), None)
    if start is None:
        raise MenuError("mkdocs.yml has no menu (nav:).")
    sections: list[Section] = []
    lines: dict[str, str] = {}
    number = start + 1
    while number < len(rows) and (not rows[number].strip() or rows[number].startswith((" ", "-", "#"))):
        _read(rows[number], sections, lines)
        number += 1
    while number > start + 1 and not rows[number - 1].strip():
        number -= 1
    return Menu(sections, lines, start + 1, number)


def _read(row: str, sections: list[Section], lines: dict[str, str]) -> None:
    found = LINE.match(row)
    if not found:
        if row.strip() and not row.lstrip().startswith("#"):
            raise MenuError(f"The menu of mkdocs.yml holds a line that the editor does not know: {row.strip()}")
        return
    entry = found["entry"]
    page = PAGE.match(entry)
    if page:
        if len(found["indent"]) <= 2 and not (sections and not sections[-1].title):
            sections.append(Section(""))
        sections[-1].pages.append(page["page"])
        lines[page["page"]] = row.strip()
    elif entry.split("#")[0].rstrip().endswith(":") and len(found["indent"]) <= 2:
        title = entry.split(" #")[0].rstrip().removesuffix(":").strip("\"'")
        sections.append(Section(title))
        lines[f"{title}:"] = row.strip()
    else:
        raise MenuError(f"The menu of mkdocs.yml holds a line that the editor does not know: {row.strip()}")


def write(config: str, sections: list[Section]) -> str:
    """Return mkdocs.yml's text with the menu in another order; existing entries keep their lines."""
    menu = parse(config)
    made = []
    for section in sections:
        if section.title:
            made.append("  " + menu.lines.get(f"{section.title}:", f"- {scalar(section.title)}:"))
        indent = "      " if section.title else "  "
        made += [indent + menu.lines.get(page, f"- {page}") for page in section.pages]
    rows = config.split("\n")
    if made == rows[menu.first : menu.last]:
        return config
    return "\n".join(rows[: menu.first] + made + rows[menu.last :])


def add(config: str, page: str, section: str, after: str = "") -> str:
    """Return mkdocs.yml's text with `page` in `section`, after the page `after` or at its end."""
    sections = parse(config).sections
    found = next((each for each in sections if each.title == section), None)
    if found is None:
        found = Section(section)
        sections.append(found)
    place = found.pages.index(after) + 1 if after in found.pages else len(found.pages)
    found.pages.insert(place, page)
    return write(config, sections)


def rename(config: str, old: str, new: str) -> str:
    """Return mkdocs.yml's text with the page `new` in place of `old`."""
    menu = parse(config)
    rows = config.split("\n")
    for number in range(menu.first, menu.last):
        rows[number] = re.sub(rf"(?<![\w/-]){re.escape(old)}(?!\w)", new, rows[number])
    return "\n".join(rows)


def remove(config: str, page: str) -> str:
    """Return mkdocs.yml's text with the page out of the menu."""
    sections = parse(config).sections
    for section in sections:
        section.pages = [each for each in section.pages if each != page]
    return write(config, [each for each in sections if each.pages])
