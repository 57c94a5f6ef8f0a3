"""Set the date of each page in sitemap.xml to the day on which the page last changed."""

import re
import subprocess
from pathlib import Path
from urllib.parse import quote

from service_profile import Service
from tools.publish.hosting import page_url_path

URL_ENTRY = re.compile(r"<loc>(.*?)</loc>(\s*<lastmod>.*?</lastmod>)?")


def add_dates(site: Path, docs: Path, service: Service) -> None:
    """Set each page's date in sitemap.xml to the day of its last commit.

    A page without a commit, and every page if the Git history is incomplete, gets the day of the texts' last review.
    """
    days = _last_commit_days(docs)
    review_day = str(service["review"]["date"])
    files_by_url = {
        service.site_url + quote(page_url_path(page, docs).lstrip("/")): page.relative_to(docs).as_posix()
        for page in docs.rglob("*.md")
    }

    def entry_with_date(match: re.Match[str]) -> str:
        day = days.get(files_by_url.get(match[1], ""), review_day)
        return f"<loc>{match[1]}</loc><lastmod>{day}</lastmod>"

    file = site / "sitemap.xml"
    text = URL_ENTRY.sub(entry_with_date, file.read_text(encoding="utf-8"))
    file.write_text(re.sub(r"\s*\n\s*", "\n", text), encoding="utf-8")


def _last_commit_days(docs: Path) -> dict[str, str]:
    """Return the day of each file's last commit, by path in `docs`.

    Return {} if Git fails or its history is incomplete.
    """
    try:
        if _git(docs, "rev-parse", "--is-shallow-repository").strip() != "false":
            return {}
        lines = _git(docs, "log", "--format=%cs", "--name-only", "--relative", "--", ".").splitlines()
    except (OSError, subprocess.SubprocessError):
        return {}
    days: dict[str, str] = {}
    day = ""
    for line in filter(None, lines):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", line):
            day = line
        else:
            days.setdefault(line, day)
    return days


def _git(docs: Path, *arguments: str) -> str:
    """Run a Git command in `docs`, and return its output."""
    command = ["git", "-c", "core.quotePath=false", "-C", str(docs), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=30, check=True).stdout
