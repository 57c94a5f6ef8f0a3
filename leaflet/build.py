"""Make every leaflet of the service, from its Markdown files and the questions.

Run `python -m leaflet.build` to make them all into docs/leaflets/.
"""

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from leaflet.editions import PLANS, Document, Plan
from leaflet.errors import LeafletError
from leaflet.typeset import first_page, pages, typeset
from leaflet.web_page import WebPage
from service_profile import ProfileError, Service, load

HERE = Path(__file__).parent
ROOT = HERE.parent
CACHE = ROOT / "build" / "leaflets"
LISTING = "leaflets.json"

__all__ = ["LISTING", "Leaflet", "LeafletError", "build_all"]


@dataclass(frozen=True)
class Leaflet:
    """One finished leaflet.

    `file` is its name in the folder, `title` what it is, `purpose` what it is for, `kind` its form, `bytes` its size.
    `picture` is a small picture of its first page, `page` the page of the site with the same words, if there is one.
    """

    file: str
    title: str
    purpose: str
    kind: str
    pages: int
    bytes: int
    picture: str
    page: str


def build_all(out: Path, service: Service, cache: Path = CACHE, texts: Path = HERE) -> list[Leaflet]:
    """Build all leaflets from the Markdown in `texts` into `out`, and list them in leaflets.json.

    Remove the PDFs of leaflets that no longer exist. Do not rewrite a file whose content is the same, so that a server
    that watches `out` does not reload. Raises LeafletError, worded for editors.
    """
    out.mkdir(parents=True, exist_ok=True)
    made, files = [], {out / LISTING}
    for plan in PLANS:
        document = plan.document(service, texts)
        pdf, picture = _cached(plan, document, str(service["review"].get("date", "")), cache)
        picture_name = plan.file.replace(".pdf", ".png")
        _write(out / plan.file, pdf)
        _write(out / picture_name, picture)
        files |= {out / plan.file, out / picture_name}
        if plan.page:
            files |= _web_page(plan, document).write(out, plan.page)
        made.append(
            Leaflet(plan.file, plan.title, plan.purpose, plan.kind, pages(pdf), len(pdf), picture_name, plan.page)
        )
    for old in out.rglob("*.*"):
        if old not in files:
            old.unlink()
    listing = json.dumps([asdict(leaflet) for leaflet in made], indent=1, ensure_ascii=False)
    _write(out / LISTING, (listing + "\n").encode())
    return made


def _web_page(plan: Plan, document: Document) -> WebPage:
    """Return the page of the site with the words of a leaflet."""
    page = WebPage(document["title"], plan.purpose)
    page.add(document.get("rows") or [block for part in document["parts"] for block in part["blocks"]])
    return page


def _write(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def _cached(plan: Plan, document: Document, day: str, cache: Path) -> tuple[bytes, bytes]:
    """Return PDF and picture, from `cache` when the same words, templates, fonts and Typst made them before."""
    kept = cache / f"{_key(plan.template, document, day)}.pdf"
    kept_picture = kept.with_suffix(".png")
    if kept.exists() and kept_picture.exists():
        return kept.read_bytes(), kept_picture.read_bytes()
    pdf = typeset(plan.template, document, day)
    picture = first_page(plan.template, document)
    cache.mkdir(parents=True, exist_ok=True)
    for path, data in ((kept_picture, picture), (kept, pdf)):
        waiting = path.with_suffix(f".tmp-{os.getpid()}")
        waiting.write_bytes(data)
        waiting.replace(path)
    return pdf, picture


def _key(template: str, document: Document, day: str) -> str:
    parts = hashlib.sha256(json.dumps([template, document, day, version("typst")], sort_keys=True).encode())
    for path in sorted([*HERE.glob("templates/*.typ"), *HERE.glob("fonts/*.ttf"), HERE / "typeset.py"]):
        parts.update(path.name.encode() + path.read_bytes())
    return parts.hexdigest()[:32]


def main() -> int:
    """Build every leaflet into docs/leaflets/. Return 0 on success, 1 otherwise."""
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
