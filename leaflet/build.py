"""Make every leaflet of the service, from its Markdown files and the form's questions.

`python -m leaflet.build` writes the leaflets to docs/leaflets/.
"""

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from leaflet.editions import EDITIONS, Document, Edition
from leaflet.errors import LeafletError
from leaflet.typeset import cover_picture, page_count, typeset
from leaflet.web_page import WebPage
from service_profile import ProfileError, Service, load

HERE = Path(__file__).parent
ROOT = HERE.parent
CACHE = ROOT / "build" / "leaflets"
LISTING_FILE = "leaflets.json"

__all__ = ["LISTING_FILE", "Leaflet", "LeafletError", "build_all"]


@dataclass(frozen=True)
class Leaflet:
    """An entry of leaflets.json, which describes one finished leaflet."""

    file: str  # the PDF
    title: str
    purpose: str  # what it is for, in one line
    kind: str  # its format, such as fold or poster
    pages: int  # the number of pages of the PDF
    bytes: int  # the size of the PDF
    picture: str  # the file with a small picture of its cover
    page: str  # the page of the site with the same text, or ""


def build_all(out: Path, service: Service, cache: Path = CACHE, source_folder: Path = HERE) -> list[Leaflet]:
    """Build all leaflets from the Markdown in `source_folder` into `out`, and list them in leaflets.json.

    Delete all other files in `out`. Do not rewrite unchanged files. Raises LeafletError with a message for editors.
    """
    out.mkdir(parents=True, exist_ok=True)
    leaflets, files = [], {out / LISTING_FILE}
    for edition in EDITIONS:
        document = edition.document(service, source_folder)
        pdf, picture = _pdf_and_picture(edition, document, str(service["review"].get("date", "")), cache)
        picture_name = edition.file.replace(".pdf", ".png")
        _write_if_changed(out / edition.file, pdf)
        _write_if_changed(out / picture_name, picture)
        files |= {out / edition.file, out / picture_name}
        if edition.page:
            files |= _web_page(edition, document).write(out, edition.page)
        leaflets.append(
            Leaflet(
                edition.file,
                edition.title,
                edition.purpose,
                edition.kind,
                page_count(pdf),
                len(pdf),
                picture_name,
                edition.page,
            )
        )
    for file in out.rglob("*.*"):
        if file not in files:
            file.unlink()
    listing = json.dumps([asdict(leaflet) for leaflet in leaflets], indent=1, ensure_ascii=False)
    _write_if_changed(out / LISTING_FILE, (listing + "\n").encode())
    return leaflets


def _web_page(edition: Edition, document: Document) -> WebPage:
    """Return a leaflet's content as a page of the site."""
    page = WebPage(document["title"], edition.purpose)
    page.add(document.get("rows") or [block for part in document["parts"] for block in part["blocks"]])
    return page


def _write_if_changed(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def _pdf_and_picture(edition: Edition, document: Document, day: str, cache: Path) -> tuple[bytes, bytes]:
    """Return a leaflet's PDF and the picture of its cover.

    They come from `cache` if nothing that affects them has changed.
    """
    cached_pdf = cache / f"{_cache_key(edition.template, document, day)}.pdf"
    cached_picture = cached_pdf.with_suffix(".png")
    if cached_pdf.exists() and cached_picture.exists():
        return cached_pdf.read_bytes(), cached_picture.read_bytes()
    pdf = typeset(edition.template, document, day)
    picture = cover_picture(edition.template, document)
    cache.mkdir(parents=True, exist_ok=True)
    for path, data in ((cached_picture, picture), (cached_pdf, pdf)):
        temporary_path = path.with_suffix(f".tmp-{os.getpid()}")
        temporary_path.write_bytes(data)
        temporary_path.replace(path)
    return pdf, picture


def _cache_key(template: str, document: Document, day: str) -> str:
    digest = hashlib.sha256(json.dumps([template, document, day, version("typst")], sort_keys=True).encode())
    for path in sorted([*HERE.glob("templates/*.typ"), *HERE.glob("fonts/*.ttf"), HERE / "typeset.py"]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def main() -> int:
    """Build every leaflet into docs/leaflets/. Return 1 if a leaflet cannot be made, otherwise 0."""
    try:
        leaflets = build_all(ROOT / "docs" / "leaflets", load())
    except (LeafletError, ProfileError) as error:
        print(error, file=sys.stderr)
        return 1
    for leaflet in leaflets:
        print(f"{leaflet.file}: {leaflet.pages} pages, {leaflet.bytes / 1024:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
