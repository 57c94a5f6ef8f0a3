"""Adding, renaming, moving and deleting parts of the menu changes nothing else in mkdocs.yml."""

import re

import pytest

from tools.editor import menu
from tools.editor.menu import MenuError, Section

YAML_TEXT = """site_name: x   # a name
nav:
  - index.md
  - "It's mine":  # a comment
      - a.md
      - b.md
  - c.md
  - How:
      - d.md
  - Help:
      - contact.md
  - search.md
  - About:
      - about.md

extra: {}
"""


def sections() -> list[Section]:
    return menu.parse(YAML_TEXT).sections


def section_titles(config: str) -> list[str]:
    return [section.title for section in menu.parse(config).sections]


def test_writing_an_unchanged_menu_changes_nothing() -> None:
    assert menu.rearrange(YAML_TEXT, sections()) == YAML_TEXT


def test_a_new_menu_part_leaves_the_other_lines_unchanged() -> None:
    parts = sections()
    parts.insert(2, Section("Help: for you", ["b.md"]))
    parts[1].pages.remove("b.md")
    new_config = menu.rearrange(YAML_TEXT, parts)
    assert section_titles(new_config) == ["", "It's mine", "Help: for you", "", "How", "Help", "", "About"]
    assert '"It\'s mine":  # a comment' in new_config and new_config.endswith("\nextra: {}\n")


def test_a_menu_part_can_be_renamed() -> None:
    parts = sections()
    parts[1].title = "I was harmed"
    assert "  - I was harmed:\n      - a.md\n" in menu.rearrange(YAML_TEXT, parts)


@pytest.mark.parametrize("name", ["a <b>", "{{ x }}", "x" * 41, "a # b", 'say "x"', "[x]"])
def test_a_menu_part_name_that_a_page_cannot_show_is_refused(name: str) -> None:
    parts = sections()
    parts[1].title = name
    with pytest.raises(MenuError, match="The name of a part"):
        menu.rearrange(YAML_TEXT, parts)


def test_two_menu_parts_with_the_same_name_are_refused() -> None:
    parts = sections()
    parts[1].title = "How"
    with pytest.raises(MenuError, match="with this name already"):
        menu.rearrange(YAML_TEXT, parts)


@pytest.mark.parametrize(
    "order", [[1, 0, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 6, 5], [0, 1, 2, 3, 5, 4, 6], [0, 2, 3, 4, 5]]
)
def test_the_first_and_the_last_parts_of_the_menu_cannot_be_moved_or_deleted(order: list[int]) -> None:
    parts = sections()
    with pytest.raises(MenuError, match="The home page must stay first"):
        menu.rearrange(YAML_TEXT, [parts[index] for index in order])


def test_a_page_outside_every_menu_part_is_added_before_the_search_page() -> None:
    new_config = menu.add(YAML_TEXT, "new.md", "")
    assert re.search(r"  - c\.md\n  - new\.md\n  - How:", new_config)
    with pytest.raises(MenuError, match="no longer in the menu"):
        menu.add(YAML_TEXT, "new.md", "Nowhere")
