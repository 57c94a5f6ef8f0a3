"""After an edit, `git diff` shows only the edited lines: line endings, BOM, quotes and comments are preserved."""

from pathlib import Path

import pytest

from tests.support import sample_service
from tests.support.editor_page import git
from tools.editor import settings
from tools.editor.history import Author
from tools.editor.project import Project, edited_text

PAGE_TEXT = """\
---
# What search engines show
title: A page  # its name
description: 'Don''t wait'
search_words: >-
  one, two
moved_from: [/old/]
---
# A page

First words.

Last words.
"""
BOM = "\ufeff"


@pytest.fixture(params=["lf", "crlf", "bom", "bom and crlf"])
def project(request: pytest.FixtureRequest, tmp_path: Path, root: Path) -> Project:
    """Return a Git project whose files have the line endings that the parameter names, with or without a BOM."""
    (tmp_path / "docs").mkdir()
    config = sample_service.sample_configuration((root / "mkdocs.yml").read_text(encoding="utf-8"))
    for path, text in {"docs/page.md": PAGE_TEXT, "mkdocs.yml": config}.items():
        text = text.replace("\n", "\r\n") if "crlf" in request.param else text
        (tmp_path / path).write_bytes(((BOM if "bom" in request.param else "") + text).encode())
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.autocrlf", "false")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "As it was")
    return Project(tmp_path)


def changed_lines(project: Project) -> list[str]:
    """Return the lines that the last commit removed or added, each with its - or + in front."""
    lines = git(project.root, "show", "--format=", "--unified=0").replace(BOM, "").splitlines()
    return [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]


def test_changing_one_sentence_of_a_page_changes_one_line(project: Project) -> None:
    body = PAGE_TEXT.partition("# A page\n")[2]
    text = edited_text(project, "docs/page.md", "# A page\n" + body.replace("First", "Other"), "Don't wait")
    project.save_changes(lambda: (None, {"docs/page.md": text}), "Change", Author("Amina", "amina@example.org.uk"))
    assert changed_lines(project) == ["-First words.", "+Other words."]


def test_renaming_a_page_changes_two_lines_and_keeps_the_comment(project: Project) -> None:
    body = PAGE_TEXT.partition("# A page\n")[2]
    text = edited_text(project, "docs/page.md", "# Another: page\n" + body, "Don't wait")
    project.save_changes(lambda: (None, {"docs/page.md": text}), "Change", Author("Amina", "amina@example.org.uk"))
    expected_lines = [
        "-title: A page  # its name",
        '+title: "Another: page"  # its name',
        "-# A page",
        "+# Another: page",
    ]
    assert sorted(changed_lines(project)) == sorted(expected_lines)


@pytest.mark.parametrize("value", ["01632 960444", "(01632) 960 444", "0808 2000 247 (24 hours)"])
def test_changing_one_setting_changes_one_line(project: Project, value: str) -> None:
    values = {"extra.service.phone": value}
    project.save_changes(
        lambda: (None, settings.changes(project, values)), "Change", Author("Amina", "amina@example.org.uk")
    )
    removed_line, added_line = changed_lines(project)
    assert removed_line.startswith("-    phone: ") and added_line.startswith("+    phone: ") and value in added_line
