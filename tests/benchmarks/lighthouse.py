"""A benchmark that measures Lighthouse's mobile scores: several runs for main pages, one run for other pages."""

import json
import os
import statistics
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from form_service.referral.journey.steps import steps
from service_profile import load, security_headers
from tests.benchmarks.load import run_web_process
from tests.benchmarks.rows import open_parts
from tests.benchmarks.serving import serve
from tests.conftest import CHROMIUM_ARGUMENTS
from tests.support.npm import package_folder
from tests.support.people_about_to_send import completed_draft, people_about_to_send
from tools.dev.system_packages import chromium_path
from tools.publish import build

MAIN_PAGES = ("", "harmed/", "what-happens/")
ROUNDS = 3
MAX_TRIES = 3
Scores = list[float]


def scores(url: str, cookie: str = "") -> Scores:
    """Return Lighthouse's scores for performance, accessibility, best practices and SEO, out of 100.

    If `cookie` is not empty, every request carries it as the Cookie header. Raises RuntimeError if Lighthouse fails
    MAX_TRIES times.
    """
    command = ["node", str(package_folder("lighthouse") / "cli" / "index.js"), url, "--quiet", "--output=json"]
    flags = f"--chrome-flags=--headless=new {' '.join(CHROMIUM_ARGUMENTS)}"
    if cookie:
        command.append("--extra-headers=" + json.dumps({"Cookie": cookie}))
    environment = {**os.environ, "CHROME_PATH": chromium_path()}
    for _ in range(MAX_TRIES):  # Chromium sometimes fails to start
        completed = subprocess.run([*command, "--output-path=stdout", flags], capture_output=True, env=environment)
        if completed.returncode == 0:
            break
    else:
        raise RuntimeError("Lighthouse: " + completed.stderr.decode(errors="replace")[-2000:])
    report = json.loads(completed.stdout)
    assert report["finalDisplayedUrl"] == url, "another page was measured"
    return [100 * category["score"] for category in report["categories"].values()]


def _row(label: str, page_scores: Scores, budget: str = "97/100/100/100") -> dict[str, Any]:
    return {"what": label, "ours": "/".join(str(round(score)) for score in page_scores), "budget": budget}


def _medians(rounds: list[Scores]) -> Scores:
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def _print_scores_under_budget(scores_by_page: dict[str, Scores]) -> None:
    for page, page_scores in scores_by_page.items():
        if min(page_scores[0] - 97, *(score - 100 for score in page_scores[1:3])) < 0:
            print(f"    {page}: {page_scores}")


def _lowest_scores(scores_by_page: dict[str, Scores]) -> Scores:
    return [min(category_scores) for category_scores in zip(*scores_by_page.values(), strict=True)]


def _site_rows(folder: Path) -> list[dict[str, Any]]:
    build.build(site=folder)
    with serve(folder, security_headers.site_headers(load())) as site_url:
        main_scores = {page: [scores(site_url + page) for _ in range(ROUNDS)] for page in MAIN_PAGES}
        rows = [
            _row(f"Lighthouse P/A/BP/SEO of /{page}, median", _medians(rounds)) for page, rounds in main_scores.items()
        ]
        other_pages = [path.parent.relative_to(folder).as_posix() + "/" for path in sorted(folder.glob("*/index.html"))]
        other_scores = {page: scores(site_url + page) for page in other_pages if page not in MAIN_PAGES}
    _print_scores_under_budget(other_scores)
    return [*rows, _row(f"the lowest of {len(other_scores)} more pages, once each", _lowest_scores(other_scores))]


def _form_rows(folder: Path) -> list[dict[str, Any]]:
    with open_parts(folder) as parts, run_web_process(parts, folder) as (port, _):
        draft = completed_draft(parts)
        (person,) = people_about_to_send(parts, 1, draft)
        slugs = ["", *(step.slug for step in steps(draft.answers))]
        base_url = f"http://127.0.0.1:{port}/referral/"
        page_scores = {slug: scores(base_url + slug, f"draft={person.cookie}") for slug in slugs}
    _print_scores_under_budget(page_scores)
    return [
        _row(
            f"P/A/BP, the lowest of {len(page_scores)} pages of the form, once each",
            _lowest_scores(page_scores)[:3],
            "97/100/100",
        )
    ]


def run() -> list[dict[str, Any]]:
    """Measure the pages of the site and of the form; return the rows of the results table."""
    with TemporaryDirectory() as name:
        return [*_site_rows(Path(name) / "site"), *_form_rows(Path(name) / "form")]
