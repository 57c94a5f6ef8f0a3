"""Build the editor's previews in a long-lived process, and report the problems of the pages.

It runs in a scratch copy of the project. Each line of standard input requests one build: {"leaflet": file name of a
PDF, or ""}. Each line of standard output is a result: {"problems": [...], "sheets": number of
leaflet pages that were drawn}.
"""

import difflib
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from leaflet import typeset
from leaflet.editions import EDITIONS
from leaflet.errors import LeafletError
from service_profile import FactError, ProfileError, Service, legibility, load
from service_profile.profile import MKDOCS_YML, ROOT
from tools.content import check_pages, new_service
from tools.publish import build, hosting

LINK = re.compile(r"Doc file '(?P<page>[^']+)' contains (?:a|an \w+) link '(?P<link>[^']+)'")
NEW_SITE = ROOT / "site.new"


class WarningLog(logging.Handler):
    """A logging handler that collects the warnings of one build in `lines`."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Add the warning's text to `lines`."""
        self.lines.append(record.getMessage())


def warning_in_plain_words(warning: str, docs: Path) -> str:
    """Return MkDocs' warning about a broken link in plain words. Other warnings are unchanged."""
    match = LINK.search(warning)
    if not match:
        return warning
    page, link = match["page"], match["link"]
    lines = (docs / page).read_text(encoding="utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, start=1) if f"({link}" in text), 1)
    target, _, heading = link.partition("#")
    known_pages = [str(page_file.relative_to(docs)) for page_file in docs.rglob("*.md")]
    matches = difflib.get_close_matches(target, known_pages, n=1)
    if heading and target in ("", *known_pages):
        return f"docs/{page}, line {line}: the link to {link} leads to a heading that is not there."
    hint = f" Did you mean {matches[0]}?" if matches else ""
    return f"docs/{page}, line {line}: the link to {link} leads nowhere.{hint}"


def _build_pages(warnings: WarningLog, service: Service) -> Iterator[str]:
    logger = logging.getLogger("mkdocs")
    logger.addHandler(warnings)
    try:
        build.write_pages(NEW_SITE, service)
    except build.BuildError as error:
        # Strict mode ends with a count of the warnings, which are reported one by one below.
        if not warnings.lines:
            yield from str(error).splitlines()
    except FactError:
        return  # reported with its page by the content checks already
    finally:
        logger.removeHandler(warnings)
    yield from (warning_in_plain_words(line, ROOT / "docs") for line in warnings.lines)


def build_preview() -> list[str]:
    """Build the site for the preview, and return a sentence for each problem.

    The last preview stays in place if the pages cannot be built.
    """
    shutil.rmtree(NEW_SITE, ignore_errors=True)
    try:
        service = load()
        problems = [*legibility.problems(service["look"]), *check_pages.problems(service)]
        build.build_leaflets(service)
    except (ProfileError, build.BuildError) as error:
        return str(error).splitlines()
    problems += _production_problems()
    for problem in [*_build_pages(WarningLog(), service), *_prepare_linked_files(service)]:
        # The content checks report most broken links already, each with its page and line.
        source = re.split(r"(?:, line \d+)?: ", problem, maxsplit=1)[0]
        if not any(known_problem.startswith((f"{source}:", f"{source},")) for known_problem in problems):
            problems.append(problem)
    if (NEW_SITE / "index.html").exists():
        shutil.rmtree(build.SITE, ignore_errors=True)
        NEW_SITE.rename(build.SITE)
    return problems


def _production_problems() -> list[str]:
    """Return the problems that only a production build has. Return [] outside production."""
    return new_service.production_problems(MKDOCS_YML) if os.environ.get("SERVICE_ENV") == "production" else []


def _prepare_linked_files(service: Service) -> list[str]:
    """Scale down the preview's pictures, and return the problems with links, pictures and redirects.

    Return [] if the pages could not be built.
    """
    if not (NEW_SITE / "index.html").exists():
        return []
    try:
        build.prepare_pictures(NEW_SITE, build.published_files(NEW_SITE, service), service)
        hosting.moved_pages(build.DOCS)
    except (build.BuildError, hosting.HostingError) as error:
        return str(error).splitlines()
    return []


def draw_leaflet_pages(pdf_name: str) -> int:
    """Draw each page of the leaflet `pdf_name` as a PNG in the preview, and return the number of pages.

    Return 0 if no leaflet has this file name, or if the leaflet cannot be drawn.
    """
    edition = next((edition for edition in EDITIONS if edition.file == pdf_name), None)
    if edition is None:
        return 0
    try:
        service = load()
        pngs = typeset.page_pictures(edition.template, edition.make_document(service, ROOT / "leaflet"))
    except (ProfileError, LeafletError):
        return 0
    for number, png in enumerate(pngs, start=1):
        (build.SITE / "leaflets" / f"{pdf_name.removesuffix('.pdf')}-{number}.png").write_bytes(png)
    return len(pngs)


def build_and_report(line: str) -> dict[str, object]:
    """Build the preview that `line`, a line of JSON, requests, and return the result.

    Any error is returned as a problem.
    """
    try:
        problems = build_preview()
        return {"problems": problems, "sheets": draw_leaflet_pages(str(json.loads(line).get("leaflet") or ""))}
    except Exception as error:  # the person must see that the page did not build, whatever the reason
        return {"problems": [f"The page cannot be built: {type(error).__name__}: {error}"], "sheets": 0}


def main() -> int:
    """Build the preview that each line of standard input requests, and print the result as a line of JSON. Return 0."""
    for line in sys.stdin:
        print(json.dumps(build_and_report(line)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
