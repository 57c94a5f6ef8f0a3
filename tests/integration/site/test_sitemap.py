"""The sitemap gives the right date for each page, in a full Git clone, a shallow clone and a download without Git."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from service_profile import Service, load
from tools.publish import sitemap

SITE_URL = "https://rj.example.org.uk/"
LAST_REVIEW_DAY = "2026-06-01"
# Each page's file, its path on the site, and the day of its last commit.
PAGES = {
    "index.md": ("", "2026-01-10"),
    "what-happens.md": ("what-happens/", "2026-02-20"),
    "help/index.md": ("help/", "2026-02-20"),
    "help/café.md": ("help/caf%C3%A9/", "2026-03-30"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a Git repository that has the files of PAGES in `docs`, each last committed on the day in PAGES."""
    folder = tmp_path / "project"
    for file in PAGES:
        (folder / "docs" / file).parent.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "--quiet")
    for day in sorted({day for _, day in PAGES.values()}):
        for file, (_, page_day) in PAGES.items():
            if page_day >= day:
                (folder / "docs" / file).write_text(f"Changed on {day}.", encoding="utf-8")
        run_git(folder, "add", ".")
        identity_options = ["-c", "user.name=Sample", "-c", "user.email=sample@example.org.uk"]
        run_git(folder, *identity_options, "commit", "--quiet", "-m", "Edit", day=day)
    return folder


def run_git(folder: Path, *arguments: str, day: str = "") -> None:
    dates = {"GIT_AUTHOR_DATE": f"{day}T12:00:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00:00Z"} if day else {}
    subprocess.run(["git", "-C", folder, *arguments], check=True, env={"PATH": os.environ["PATH"], **dates})


def dates_in_sitemap(site: Path, docs: Path) -> dict[str, str]:
    """Write a sitemap of PAGES, add a date for each page to it, and return the dates by the pages' paths."""
    entries = "".join(f"<url><loc>{SITE_URL}{path}</loc></url>" for path, _ in PAGES.values())
    (site / "sitemap.xml").write_text(f"<urlset>{entries}</urlset>", encoding="utf-8")
    values = {**load().values, "review": {"date": LAST_REVIEW_DAY, "by": "A sample editor"}}
    sitemap.add_dates(site, docs, Service(values, {}, SITE_URL))
    text = (site / "sitemap.xml").read_text(encoding="utf-8")
    return dict(re.findall(rf"<loc>{SITE_URL}(.*?)</loc><lastmod>(.*?)</lastmod>", text))


def test_each_page_in_the_sitemap_has_the_date_of_its_own_last_change(project: Path, tmp_path: Path) -> None:
    assert dates_in_sitemap(tmp_path, project / "docs") == dict(PAGES.values())


def test_the_sitemap_of_a_clone_without_history_gives_the_day_of_the_last_review(project: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth=1", project.as_uri(), "shallow")
    expected_dates = dict.fromkeys(dict(PAGES.values()), LAST_REVIEW_DAY)
    assert dates_in_sitemap(tmp_path, tmp_path / "shallow" / "docs") == expected_dates


def test_the_sitemap_of_a_download_without_git_gives_the_day_of_the_last_review(project: Path, tmp_path: Path) -> None:
    (project / ".git").rename(tmp_path / "elsewhere")
    expected_dates = dict.fromkeys(dict(PAGES.values()), LAST_REVIEW_DAY)
    assert dates_in_sitemap(tmp_path, project / "docs") == expected_dates
