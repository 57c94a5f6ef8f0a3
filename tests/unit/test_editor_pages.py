"""The editor never gives a page an address that leads to another page. A page may return to its own former address."""

from pathlib import Path

import pytest

from tools.editor import pages
from tools.editor.project import EditError, Project
from tools.publish.hosting import moved_pages


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with the page "Support", which was at /help/ before, and the page "Other"."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("nav:\n  - Pages:\n      - support.md\n      - other.md\n", encoding="utf-8")
    page = "---\ntitle: Support\nmoved_from: [/help/]\n---\n# Support\n"
    (tmp_path / "docs" / "support.md").write_text(page, encoding="utf-8")
    (tmp_path / "docs" / "other.md").write_text("---\ntitle: Other\n---\n# Other\n", encoding="utf-8")
    return Project(tmp_path)


def rename(project: Project, old_slug: str, new_slug: str) -> None:
    """Change a page's address from `old_slug` to `new_slug` in the project's files."""
    _, changes = pages.rename(project, f"docs/{old_slug}.md", "Support", new_slug)
    for path, text in changes.items():
        if text is None:
            (project.root / path).unlink()
        else:
            assert isinstance(text, str)
            (project.root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("moved_from", ["[/help/]", '["/help/"]', "/help/", "\n  - /help/\n  - /advice/"])
@pytest.mark.parametrize(
    ("slug", "problem"),
    [
        ("support", "There is a page with this address already"),
        ("help", "Links to this address still lead to the page “Support”"),
    ],
)
def test_a_new_or_renamed_page_cannot_take_an_address_that_leads_to_another_page(
    project: Project, moved_from: str, slug: str, problem: str
) -> None:
    page = f"---\ntitle: Support\nmoved_from: {moved_from}\n---\n# Support\n"
    (project.root / "docs" / "support.md").write_text(page, encoding="utf-8")
    with pytest.raises(EditError, match=problem):
        pages.add(project, {"title": "New", "description": "A new page.", "slug": slug})
    with pytest.raises(EditError, match=problem):
        pages.rename(project, "docs/other.md", "Other", slug)


def test_a_page_can_get_back_its_former_address_and_its_later_address_leads_to_it(project: Project) -> None:
    rename(project, "support", "help")
    assert moved_pages(project.root / "docs") == {"/support/": "/help/"}
    rename(project, "help", "support")
    assert moved_pages(project.root / "docs") == {"/help/": "/support/"}


def test_every_former_address_of_a_page_leads_to_it_after_the_next_rename(project: Project) -> None:
    rename(project, "support", "contact")
    assert moved_pages(project.root / "docs") == {"/help/": "/contact/", "/support/": "/contact/"}
