"""Make every leaflet of the service, from its Markdown files and the questions.

Run `python -m leaflet.build` to make them all into docs/leaflets/.
"""

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from leaflet.editions import PLANS, Document, Plan
from leaflet.errors import LeafletError
from leaflet.typeset import pages, typeset
from service_profile import ProfileError, Service, load

HERE = Path(__file__).parent
ROOT = HERE.parent
CACHE = ROOT / "build" / "leaflets"
LISTING = "leaflets.json"

__all__ = ["LISTING", "Leaflet", "LeafletError", "build_all"]


@dataclass(frozen=True)
class Leaflet:
    """One finished leaflet: `file` is its name in the folder, `title` what it is, `kind` its form, `bytes` its size."""

    file: str
    title: str
    kind: str
    pages: int
    bytes: int


def build_all(out: Path, service: Service, cache: Path = CACHE, texts: Path = HERE) -> list[Leaflet]:
    """Make all leaflets from the Markdown in `texts` into `out`, with leaflets.json to list them.

    PDFs that are no longer made are removed. A file whose content did not change is not written again, so that a
    server that watches `out` rests.
    Raises LeafletError in the editors' words.
    """
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for plan in PLANS:
        pdf = _cached(plan, plan.document(service, texts), str(service["review"].get("date", "")), cache)
        _write(out / plan.file, pdf)
        made.append(Leaflet(plan.file, plan.title, plan.kind, pages(pdf), len(pdf)))
    for old in out.glob("*.pdf"):
        if old.name not in {leaflet.file for leaflet in made}:
            old.unlink()
    listing = json.dumps([asdict(leaflet) for leaflet in made], indent=1, ensure_ascii=False)
    _write(out / LISTING, (listing + "\n").encode())
    return made


def _write(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def _cached(plan: Plan, document: Document, day: str, cache: Path) -> bytes:
    """The PDF kept in `cache` when the same words, templates, fonts and Typst made it before."""
    kept = cache / f"{_key(plan.template, document, day)}.pdf"
    if kept.exists():
        return kept.read_bytes()
    pdf = typeset(plan.template, document, day)
    cache.mkdir(parents=True, exist_ok=True)
    waiting = kept.with_suffix(".tmp")
    waiting.write_bytes(pdf)
    waiting.replace(kept)
    return pdf


def _key(template: str, document: Document, day: str) -> str:
    parts = hashlib.sha256(json.dumps([template, document, day, version("typst")], sort_keys=True).encode())
    for path in sorted([*HERE.glob("templates/*.typ"), *HERE.glob("fonts/*.ttf"), HERE / "typeset.py"]):
        parts.update(path.name.encode() + path.read_bytes())
    return parts.hexdigest()[:32]


def main() -> int:
    """Exit status: 0 when every leaflet is made."""
    try:
        made = build_all(ROOT / "docs" / "leaflets", load())
    except (LeafletError, ProfileError) as error:
        print(error, file=sys.stderr)
        return 1
    for leaflet in made:
        print(f"{leaflet.file}: {leaflet.pages} pages, {leaflet.bytes / 1024:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
