"""The real build, kept warm for the editor's preview: makes the pages of this project and tells what must be mended.

Runs in a scratch copy of the project (tools/editor/workspace.py makes it). Each line of standard input asks for one
build, each line of standard output answers it: {"problems": [...]}.
"""

import difflib
import json
import logging
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from service_profile import ProfileError, Service, UnknownFact, contrast, load
from service_profile.profile import ROOT
from tools.content import check_pages
from tools.publish import build

LINK = re.compile(r"Doc file '(?P<page>[^']+)' contains (?:a|an \w+) link '(?P<link>[^']+)'")
NEXT = ROOT / "site.new"


class Heard(logging.Handler):
    """Keeps the warnings of one build."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.lines.append(record.getMessage())


def in_editors_words(warning: str, docs: Path) -> str:
    """A warning of the build with its page, its line and what to do, where it is about a link."""
    found = LINK.search(warning)
    if not found:
        return warning
    page, link = found["page"], found["link"]
    lines = (docs / page).read_text(encoding="utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, start=1) if f"({link}" in text), 1)
    target, _, heading = link.partition("#")
    known = [str(other.relative_to(docs)) for other in docs.rglob("*.md")]
    near = difflib.get_close_matches(target, known, n=1)
    if heading and target in ("", *known):
        return f"docs/{page}, line {line}: the link to {link} leads to a heading that is not there."
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"docs/{page}, line {line}: the link to {link} leads nowhere.{hint}"


def _pages(heard: Heard, service: Service) -> Iterator[str]:
    logger = logging.getLogger("mkdocs")
    logger.addHandler(heard)
    try:
        build.pages(NEXT, service)
    except build.BuildError as error:
        # Strict mode ends with a count of the warnings, which are told one by one below.
        if not heard.lines:
            yield from str(error).splitlines()
    except UnknownFact:
        return  # told with its page by the content checks already
    finally:
        logger.removeHandler(heard)
    yield from (in_editors_words(line, ROOT / "docs") for line in heard.lines)


def make(with_leaflets: bool) -> list[str]:
    """Build the pages into site/, the leaflets too when asked; what must be mended, one sentence each."""
    shutil.rmtree(NEXT, ignore_errors=True)
    try:
        service = load()
        problems = [*contrast.problems(service["look"]), *check_pages.problems(service)]
        if with_leaflets or not any((ROOT / "docs" / "leaflets").glob("*.pdf")):
            build.leaflets(service)
    except (ProfileError, build.BuildError) as error:
        return str(error).splitlines()
    for problem in _pages(Heard(), service):
        # The content checks tell most broken links already, each with its page and line.
        where = problem.split(": ", 1)[0]
        if not any(told.startswith(f"{where}:") for told in problems):
            problems.append(problem)
    if (NEXT / "index.html").exists():
        shutil.rmtree(build.SITE, ignore_errors=True)
        NEXT.rename(build.SITE)
    return problems


def main() -> int:
    """Answer until standard input ends."""
    for line in sys.stdin:
        print(json.dumps({"problems": make(bool(json.loads(line).get("leaflets")))}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
