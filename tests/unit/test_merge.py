"""When two people change one text, separate changes are both kept and overlapping changes conflict."""

import pytest

from tools.editor.merge import merge_texts

BASE_TEXT = "# A page\n\nThe first sentence.\n\nThe second sentence.\n\nThe last.\n"


def test_changes_to_different_paragraphs_are_both_kept() -> None:
    their_text = BASE_TEXT.replace("The first sentence.", "Their sentence.")
    my_text = BASE_TEXT.replace("The last.", "The last.\n\nMy “own” one.")
    assert merge_texts(BASE_TEXT, their_text, my_text) == their_text.replace("The last.", "The last.\n\nMy “own” one.")


@pytest.mark.parametrize("their_sentence", ["Their sentence.", ""])
def test_two_changes_to_one_sentence_are_a_conflict(their_sentence: str) -> None:
    their_text = BASE_TEXT.replace("The second sentence.", their_sentence)
    assert merge_texts(BASE_TEXT, their_text, BASE_TEXT.replace("The second sentence.", "My sentence.")) is None
