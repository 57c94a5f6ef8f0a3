"""Make every leaflet of the service, from leaflet.md, easy-read.md and the questions.

Run `python -m leaflet.build` to make them all into docs/leaflets/.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from identity import Service, load
from leaflet.colours import for_print
from leaflet.errors import LeafletError
from leaflet.marks import Marks, in_words, leaflet_facts
from leaflet.source import Part, Source
from leaflet.typeset import pages, typeset

HERE = Path(__file__).parent
ROOT = HERE.parent
CACHE = ROOT / "build" / "leaflets"
LISTING = "leaflets.json"
PANELS = ("cover", "flap", "back", "inside left", "inside middle", "inside right")

__all__ = ["LISTING", "Leaflet", "LeafletError", "build_all"]


@dataclass(frozen=True)
class Leaflet:
    """One finished leaflet: `file` is its name in the folder, `title` what it is, `kind` its form; `bytes` its size."""

    file: str
    title: str
    kind: str
    pages: int
    bytes: int


@dataclass(frozen=True)
class Plan:
    """How one leaflet is made: its document for the template, worked out when it is needed."""

    file: str
    title: str
    kind: str
    template: str
    document: Callable[[Service], dict[str, Any]]


def build_all(out: Path, service: Service) -> list[Leaflet]:
    """Make all leaflets into `out`, with leaflets.json to list them, and remove PDFs that are no longer made.

    A file whose content did not change is not written again. Raises LeafletError in the editors' words.
    """
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for plan in PLANS:
        pdf = _cached(plan, plan.document(service), str(service["review"].get("date", "")))
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


def _cached(plan: Plan, document: dict[str, Any], day: str) -> bytes:
    """The PDF from build/leaflets/ when the same words, templates, fonts and Typst made it before."""
    kept = CACHE / f"{_key(plan.template, document, day)}.pdf"
    if kept.exists():
        return kept.read_bytes()
    pdf = typeset(plan.template, document, day)
    CACHE.mkdir(parents=True, exist_ok=True)
    waiting = kept.with_suffix(".tmp")
    waiting.write_bytes(pdf)
    waiting.replace(kept)
    return pdf


def _key(template: str, document: dict[str, Any], day: str) -> str:
    parts = hashlib.sha256(json.dumps([template, document, day, version("typst")], sort_keys=True).encode())
    for path in sorted([*HERE.glob("templates/*.typ"), *HERE.glob("fonts/*.ttf"), HERE / "typeset.py"]):
        parts.update(path.name.encode() + path.read_bytes())
    return parts.hexdigest()[:32]


def _parts(name: str, service: Service) -> list[Part]:
    source = Source(name, (HERE / name).read_text(encoding="utf-8"), leaflet_facts(service))
    marks = Marks(source, service, for_print(service["look"]["light"]))
    return [marks.expand(part) for part in source.parts()]


def _document(title: str, service: Service, parts: list[Part], **more: Any) -> dict[str, Any]:
    review = service["review"]
    return {
        "title": title,
        "description": f"From {service['name']}",
        "author": str(service["name"]),
        "lang": "en",
        "region": "GB",
        "look": for_print(service["look"]["light"]),
        "footer": f"Version {review.get('version')}, reviewed {in_words(str(review.get('date')))}",
        "parts": [{"name": part.name, "blocks": part.blocks} for part in parts],
        **more,
    }


def _column(size: float, title: str) -> Callable[[Service], dict[str, Any]]:
    def document(service: Service) -> dict[str, Any]:
        parts = [part for part in _parts("leaflet.md", service) if not part.name.startswith("discreet")]
        return _document(title, service, parts, size=size)

    return document


def _fold(service: Service) -> dict[str, Any]:
    cover = "discreet cover" if service["leaflet"].get("discreet_cover") else "cover"
    found = {part.name: part for part in _parts("leaflet.md", service)}
    for name in PANELS:
        wanted = cover if name == "cover" else name
        if wanted not in found:
            raise LeafletError(
                f"leaflet.md: the panel “{wanted}” is missing. Add a line [[panel: {wanted}]] and its text."
            )
    parts = [Part(name, found[name].line, found[cover if name == "cover" else name].blocks) for name in PANELS]
    title = "A leaflet to print and fold" if cover != "cover" else "Restorative justice: a leaflet to print and fold"
    return _document(title, service, parts)


PLANS = (
    Plan(
        "leaflet-to-read.pdf",
        "Leaflet to read on screen",
        "screen",
        "screen",
        _column(13, "Restorative justice: a leaflet"),
    ),
    Plan("leaflet-to-fold.pdf", "Leaflet to print and fold", "fold", "fold", _fold),
    Plan(
        "leaflet-large-print.pdf",
        "Leaflet in large print",
        "large print",
        "screen",
        _column(18, "Restorative justice: large print"),
    ),
)


if __name__ == "__main__":
    for leaflet in build_all(ROOT / "docs" / "leaflets", load()):
        print(f"{leaflet.file}: {leaflet.pages} pages, {leaflet.bytes / 1024:.0f} KB")
