"""Read and change the menu, which is `nav` in mkdocs.yml. Comments and quotes are preserved."""

import re
from dataclasses import dataclass, field

from tools.content.yaml_edit import inline_yaml

ENTRY_LINE = re.compile(r"^(?P<indent> *)- +(?P<entry>.*?)\s*$")
PAGE_ENTRY = re.compile(r"^(?:(?P<text>[^:]+): +)?(?P<page>[\w/-]+\.md)(?: +#.*)?$")


# Characters that a section's title must not contain: they have a meaning in YAML, HTML or templates.
FORBIDDEN_NAME_CHARACTERS = re.compile(r"[<>#{}\[\]\"\\]")
MAX_NAME_LENGTH = 40
FIXED_ENTRIES_MESSAGE = (
    "The home page must stay first. The part with the ways to reach you, the search and the part for the footer must "
    "stay last, and each part must keep at least one page: the menu and the footer depend on it."
)


class MenuError(ValueError):
    """Raised if the menu cannot be read or a change to it is not allowed. The message is for the editor's user."""


@dataclass
class Section:
    """A section of the menu: its title, or "" for pages at the top level, and its pages."""

    title: str
    pages: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Menu:
    """The menu in mkdocs.yml.

    `lines_by_entry` contains the line of each entry. Its keys are the pages' file names and, followed by a colon, the
    sections' titles. The menu begins at line index `first_row` and ends before `end_row`.
    """

    sections: list[Section]
    lines_by_entry: dict[str, str]
    first_row: int
    end_row: int


def parse(config: str) -> Menu:
    """Return the menu in the text of mkdocs.yml. Raises MenuError if it cannot be read."""
    rows = config.split("\n")
    start = next((number for number, row in enumerate(rows) if re.match(r"nav:\s*(#.*)?$", row)), None)
    if start is None:
        raise MenuError("mkdocs.yml has no menu (nav:).")
    sections: list[Section] = []
    lines_by_entry: dict[str, str] = {}
    number = start + 1
    while number < len(rows) and (not rows[number].strip() or rows[number].startswith((" ", "-", "#"))):
        _read_row(rows[number], sections, lines_by_entry)
        number += 1
    while number > start + 1 and not rows[number - 1].strip():
        number -= 1
    return Menu(sections, lines_by_entry, start + 1, number)


def _read_row(row: str, sections: list[Section], lines_by_entry: dict[str, str]) -> None:
    match = ENTRY_LINE.match(row)
    if not match:
        if row.strip() and not row.lstrip().startswith("#"):
            raise MenuError(
                f"The menu of mkdocs.yml contains a line that the editor does not understand: {row.strip()}"
            )
        return
    entry = match["entry"]
    page = PAGE_ENTRY.match(entry)
    if page:
        if len(match["indent"]) <= 2 and not (sections and not sections[-1].title):
            sections.append(Section(""))
        sections[-1].pages.append(page["page"])
        lines_by_entry[page["page"]] = row.strip()
    elif entry.split("#")[0].rstrip().endswith(":") and len(match["indent"]) <= 2:
        title = entry.split(" #")[0].rstrip().removesuffix(":").strip("\"'")
        sections.append(Section(title))
        lines_by_entry[f"{title}:"] = row.strip()
    else:
        raise MenuError(f"The menu of mkdocs.yml contains a line that the editor does not understand: {row.strip()}")


def rearrange(config: str, sections: list[Section]) -> str:
    """Return the text of mkdocs.yml with `sections` as its menu. Existing entries keep their lines.

    Raises MenuError if the new menu is not allowed.
    """
    menu = parse(config)
    _check_change(menu.sections, sections)
    new_rows = []
    for section in sections:
        if section.title:
            new_rows.append("  " + menu.lines_by_entry.get(f"{section.title}:", f"- {inline_yaml(section.title)}:"))
        indent = "      " if section.title else "  "
        new_rows += [indent + menu.lines_by_entry.get(page, f"- {page}") for page in section.pages]
    rows = config.split("\n")
    if new_rows == rows[menu.first_row : menu.end_row]:
        return config
    return "\n".join(rows[: menu.first_row] + new_rows + rows[menu.end_row :])


def _check_change(old_sections: list[Section], new_sections: list[Section]) -> None:
    titles = [section.title for section in new_sections if section.title]
    for title in set(titles) - {section.title for section in old_sections}:
        if FORBIDDEN_NAME_CHARACTERS.search(title) or len(title) > MAX_NAME_LENGTH:
            raise MenuError(
                f"The name of a part can have up to {MAX_NAME_LENGTH} characters, but none of these: "
                '< > # { } [ ] " \\'
            )
    if len(titles) != len(set(titles)):
        raise MenuError("There is a part with this name already. Choose another.")
    if _fixed_layout(new_sections) != _fixed_layout(old_sections):
        raise MenuError(FIXED_ENTRIES_MESSAGE)


def _fixed_layout(sections: list[Section]) -> list[str]:
    """Return the first entry and the last three entries of the menu, and whether more than two sections have titles."""
    # The templates rely on these: see `nav` in mkdocs.yml. "part" stands for a titled section.
    entries = [entry for section in sections for entry in (["part"] if section.title else section.pages)]
    return [*entries[:1], *entries[-3:], str(entries.count("part") > 2)]


def add(config: str, page: str, section: str, after: str = "") -> str:
    """Return the text of mkdocs.yml with `page` added to the section `section` of the menu.

    The page follows the page `after`, or goes to the end of the section if `after` is not in it. An empty `section`
    means the top level. Raises MenuError if there is no such section.
    """
    sections = parse(config).sections
    matching_sections = [candidate for candidate in sections if candidate.title == section]
    if not matching_sections:
        raise MenuError("That part is no longer in the menu. Reload the page.")
    # Top-level pages form groups between the titled sections: a page goes to the last group but one, or to the first.
    target = matching_sections[-2] if not section and len(matching_sections) > 2 else matching_sections[0]
    index = target.pages.index(after) + 1 if after in target.pages else len(target.pages)
    target.pages.insert(index, page)
    return rearrange(config, sections)


def rename(config: str, old_page: str, new_page: str) -> str:
    """Return the text of mkdocs.yml with `new_page` in place of `old_page` in the menu.

    Raises MenuError if the menu cannot be read.
    """
    menu = parse(config)
    rows = config.split("\n")
    for number in range(menu.first_row, menu.end_row):
        rows[number] = re.sub(rf"(?<![\w/-]){re.escape(old_page)}(?!\w)", new_page, rows[number])
    return "\n".join(rows)


def remove(config: str, page: str) -> str:
    """Return the text of mkdocs.yml without `page` in the menu. A section left empty is removed too.

    Raises MenuError if the new menu is not allowed.
    """
    sections = parse(config).sections
    for section in sections:
        section.pages = [name for name in section.pages if name != page]
    return rearrange(config, [section for section in sections if section.pages])
