"""Saving a file changes only what was edited: line endings, BOM and all other bytes are preserved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.content import text_files
from tools.editor import front_matter

# Any text of a page, unusual spaces and separators included, except carriage returns, which cannot be typed.
LINES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=20)
LISTS_OF_LINES = st.lists(LINES, max_size=12)
LINE_ENDINGS = st.sampled_from(["\n", "\r\n"])
BOMS = st.sampled_from([b"", text_files.BOM])


@given(LISTS_OF_LINES, st.lists(LINE_ENDINGS, min_size=12, max_size=12), BOMS)
def test_a_file_saved_unchanged_keeps_every_byte(lines: list[str], line_endings: list[str], bom: bytes) -> None:
    data = bom + "".join(line + line_ending for line, line_ending in zip(lines, line_endings, strict=False)).encode()
    assert text_files.encode(text_files.decode(data).text, data) == data


@given(LISTS_OF_LINES, LINE_ENDINGS, BOMS)
def test_any_text_is_read_back_as_it_was_saved(lines: list[str], line_ending: str, bom: bytes) -> None:
    old_bytes = bom + f"one{line_ending}two{line_ending}".encode()
    text = "\n".join(lines)
    saved_bytes = text_files.encode(text, old_bytes)
    expected_text = text.removeprefix("\ufeff") if not bom else text
    assert text_files.decode(saved_bytes).text == expected_text
    assert saved_bytes.startswith(bom)


@given(st.lists(LINES, min_size=1, max_size=12), st.lists(LINE_ENDINGS, min_size=12, max_size=12), st.data())
def test_only_the_lines_that_were_changed_differ(
    lines: list[str], line_endings: list[str], data: st.DataObject
) -> None:
    old_lines_with_endings = [line + line_ending for line, line_ending in zip(lines, line_endings, strict=False)]
    changed_index = data.draw(st.integers(0, len(old_lines_with_endings) - 1))
    new_lines = text_files.decode("".join(old_lines_with_endings).encode()).text.split("\n")
    new_lines[changed_index] = "Changed here, and nowhere else: ¶"
    saved_lines = text_files.encode("\n".join(new_lines), "".join(old_lines_with_endings).encode()).decode().split("\n")
    old_lines = "".join(old_lines_with_endings).split("\n")
    assert [index for index, line in enumerate(saved_lines) if line != old_lines[index]] == [changed_index]


@pytest.mark.parametrize("line_ending", ["\n", "\r\n"])
def test_an_added_line_gets_the_line_ending_of_the_others(line_ending: str) -> None:
    old_bytes = f"one{line_ending}two{line_ending}".encode()
    assert (
        text_files.encode("one\nnew\ntwo\n", old_bytes) == f"one{line_ending}new{line_ending}two{line_ending}".encode()
    )


FRONT_MATTER = "---\ntitle: A page  # its name\ndescription: 'Don''t wait'\nmoved_from: [/old/]\n---\n"


@pytest.mark.parametrize("body", ["# A page\n\nWords.\n", "# A page\n", ""])
def test_front_matter_is_unchanged_when_only_the_text_changes(body: str) -> None:
    assert front_matter.compose_page(FRONT_MATTER + "# A page\n", body, "Don't wait") == FRONT_MATTER + body


def test_the_title_follows_the_heading_and_nothing_else_changes() -> None:
    new_page = front_matter.compose_page(FRONT_MATTER + "# A page\n", "# Another: page\n", "Don't wait")
    assert new_page == FRONT_MATTER.replace("A page", '"Another: page"') + "# Another: page\n"


def test_a_folded_description_is_replaced_as_a_whole() -> None:
    page = "---\ntitle: A\ndescription: >-\n  One two\n  three.\nwide: true\n---\n# A\n"
    assert front_matter.parse_page(page).description == "One two three."
    new_page = front_matter.compose_page(page, "# A\n", "Four.")
    assert new_page == "---\ntitle: A\ndescription: Four.\nwide: true\n---\n# A\n"


def test_a_page_without_front_matter_is_given_front_matter() -> None:
    assert front_matter.compose_page("Words", "# Name\n", "A sentence.") == (
        "---\ntitle: Name\ndescription: A sentence.\n---\n# Name\n"
    )
