"""Saving a file changes only the bytes that were edited: line endings, BOM and everything else stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.content import text_files
from tools.editor import front_matter

# Any text of a page, unusual spaces and separators included, except carriage returns, which cannot be typed.
WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=20)
LINES = st.lists(WORDS, max_size=12)
ENDINGS = st.sampled_from(["\n", "\r\n"])
BOMS = st.sampled_from([b"", text_files.BOM])


@given(LINES, st.lists(ENDINGS, min_size=12, max_size=12), BOMS)
def test_a_file_saved_untouched_stays_byte_for_byte(lines: list[str], endings: list[str], bom: bytes) -> None:
    data = bom + "".join(line + end for line, end in zip(lines, endings, strict=False)).encode()
    assert text_files.encode(text_files.decode(data).text, data) == data


@given(LINES, ENDINGS, BOMS)
def test_any_text_that_is_saved_is_read_again(lines: list[str], end: str, bom: bytes) -> None:
    old = bom + f"one{end}two{end}".encode()
    text = "\n".join(lines)
    saved = text_files.encode(text, old)
    expected = text.removeprefix("\ufeff") if not bom else text
    assert text_files.decode(saved).text == expected
    assert saved.startswith(bom)


@given(st.lists(WORDS, min_size=1, max_size=12), st.lists(ENDINGS, min_size=12, max_size=12), st.data())
def test_only_the_lines_that_were_changed_differ(lines: list[str], endings: list[str], data: st.DataObject) -> None:
    old = [line + end for line, end in zip(lines, endings, strict=False)]
    number = data.draw(st.integers(0, len(old) - 1))
    words = text_files.decode("".join(old).encode()).text.split("\n")
    words[number] = "Changed here, and nowhere else: ¶"
    saved = text_files.encode("\n".join(words), "".join(old).encode()).decode().split("\n")
    old_lines = "".join(old).split("\n")
    assert [at for at, line in enumerate(saved) if line != old_lines[at]] == [number]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_new_line_ends_as_the_others_do(end: str) -> None:
    old = f"one{end}two{end}".encode()
    assert text_files.encode("one\nnew\ntwo\n", old) == f"one{end}new{end}two{end}".encode()


HEAD = "---\ntitle: A page  # its name\ndescription: 'Don''t wait'\nmoved_from: [/old/]\n---\n"


@pytest.mark.parametrize("body", ["# A page\n\nWords.\n", "# A page\n", ""])
def test_the_lines_at_the_top_stay_when_only_the_words_change(body: str) -> None:
    assert front_matter.compose(HEAD + "# A page\n", body, "Don't wait") == HEAD + body


def test_the_title_follows_the_heading_and_nothing_else_changes() -> None:
    made = front_matter.compose(HEAD + "# A page\n", "# Another: page\n", "Don't wait")
    assert made == HEAD.replace("A page", '"Another: page"') + "# Another: page\n"


def test_a_folded_description_is_replaced_as_a_whole() -> None:
    page = "---\ntitle: A\ndescription: >-\n  One two\n  three.\nwide: true\n---\n# A\n"
    assert front_matter.parse(page).description == "One two three."
    made = front_matter.compose(page, "# A\n", "Four.")
    assert made == "---\ntitle: A\ndescription: Four.\nwide: true\n---\n# A\n"


def test_a_page_without_lines_at_the_top_gets_them() -> None:
    assert front_matter.compose("Words", "# Name\n", "A sentence.") == (
        "---\ntitle: Name\ndescription: A sentence.\n---\n# Name\n"
    )
