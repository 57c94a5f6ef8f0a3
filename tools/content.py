"""Check the words of the pages, and say what is wrong as one editor would to another: page, line, and what to do."""

import sys
from collections.abc import Iterator
from pathlib import Path

from identity import Service, UnknownFact, fill, load
from identity.service import ROOT
from site_parts import known

DOCS = ROOT / "docs"


def problems(service: Service, docs: Path = DOCS) -> list[str]:
    """What must be mended before the pages can be published, one sentence each."""
    facts = known(service.values, service.site_url)
    return [problem for page in sorted(docs.glob("*.md")) for problem in _unknown_facts(page, facts)]


def _unknown_facts(page: Path, facts: dict[str, str]) -> Iterator[str]:
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), start=1):
        try:
            fill(line, facts, number)
        except UnknownFact as error:
            yield f"docs/{page.name}, {error}"


def main() -> int:
    """Exit status: 0 when nothing needs mending."""
    found = problems(load())
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
