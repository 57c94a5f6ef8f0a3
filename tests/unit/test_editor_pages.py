"""Adding a page in the editor needs an address that no page has or had."""

from pathlib import Path

import pytest

from tools.editor import pages
from tools.editor.project import EditError, Project


@pytest.mark.parametrize("slug", ["present", "former"])
def test_the_present_or_former_address_of_a_page_is_refused_for_a_new_page(tmp_path: Path, slug: str) -> None:
    (tmp_path / "docs").mkdir()
    page = "---\ntitle: Present\nmoved_from: [/former/]\n---\n# Present\n"
    (tmp_path / "docs" / "present.md").write_text(page, encoding="utf-8")
    with pytest.raises(EditError, match="There is a page with this address already"):
        pages.add(Project(tmp_path), {"title": "New", "description": "A new page.", "slug": slug})
