"""Old URLs, which may be bookmarked, printed or linked, redirect to the pages that replaced them."""

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("old_path", "new_path"),
    [
        ("/supporting/", "/family-and-friends/"),
        ("/professionals/", "/for-professionals/"),
        ("/staying-safe-online/", "/hide-your-visit/"),
        ("/how-it-differs/", "/what-is-restorative-justice/"),
        ("/a-to-z/", "/questions/"),
    ],
)
def test_an_old_url_redirects_to_the_page_that_replaced_it(site: Path, old_path: str, new_path: str) -> None:
    assert f"{old_path} {new_path} 301!" in (site / "_redirects").read_text(encoding="utf-8").splitlines()
    assert (site / new_path.strip("/") / "index.html").is_file()
    assert not (site / old_path.strip("/")).exists()
