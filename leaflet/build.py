"""Make every leaflet of the service, from the leaflets' Markdown files and the form's questions.

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
CACHE_FOLDER = ROOT / "build" / "leaflets"
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


def build_all(
    output_folder: Path, service: Service, cache_folder: Path = CACHE_FOLDER, source_folder: Path = HERE
) -> list[Leaflet]:
    """Build every leaflet from the Markdown files in `source_folder`, and return their entries in leaflets.json.

    Write the leaflets and leaflets.json to `output_folder`, and delete its other files. Unchanged files are not
    rewritten. Raises LeafletError, with a message for editors, if a leaflet cannot be made.
    """
    output_folder.mkdir(parents=True, exist_ok=True)
    leaflets, written_files = [], {output_folder / LISTING_FILE}
    for edition in EDITIONS:
        document = edition.make_document(service, source_folder)
        pdf, picture = _pdf_and_picture(edition, document, str(service["review"].get("date", "")), cache_folder)
        picture_name = edition.file.replace(".pdf", ".png")
        _write_if_changed(output_folder / edition.file, pdf)
        _write_if_changed(output_folder / picture_name, picture)
        written_files |= {output_folder / edition.file, output_folder / picture_name}
        if edition.page:
            written_files |= _web_page(edition, document).write(output_folder, edition.page)
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
    for file in output_folder.rglob("*.*"):
        if file not in written_files:
            file.unlink()
    listing = json.dumps([asdict(leaflet) for leaflet in leaflets], indent=1, ensure_ascii=False)
    _write_if_changed(output_folder / LISTING_FILE, (listing + "\n").encode())
    return leaflets


def _web_page(edition: Edition, document: Document) -> WebPage:
    """Return a leaflet's content as a page of the site."""
    page = WebPage(document["title"], edition.purpose)
    page.add(document.get("rows") or [block for part in document["parts"] for block in part["blocks"]])
    return page


def _write_if_changed(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def _pdf_and_picture(edition: Edition, document: Document, day: str, cache_folder: Path) -> tuple[bytes, bytes]:
    """Return a leaflet's PDF and the picture of its cover.

    They come from `cache_folder` if nothing that affects them has changed.
    """
    cached_pdf_path = cache_folder / f"{_cache_key(edition.template, document, day)}.pdf"
    cached_picture_path = cached_pdf_path.with_suffix(".png")
    if cached_pdf_path.exists() and cached_picture_path.exists():
        return cached_pdf_path.read_bytes(), cached_picture_path.read_bytes()
    pdf = typeset(edition.template, document, day)
    picture = cover_picture(edition.template, document)
    cache_folder.mkdir(parents=True, exist_ok=True)
    for path, data in ((cached_picture_path, picture), (cached_pdf_path, pdf)):
        temporary_path = path.with_suffix(f".tmp-{os.getpid()}")
        temporary_path.write_bytes(data)
        temporary_path.replace(path)
    return pdf, picture


def _cache_key(template: str, document: Document, day: str) -> str:
    hasher = hashlib.sha256(json.dumps([template, document, day, version("typst")], sort_keys=True).encode())
    for path in sorted([*HERE.glob("templates/*.typ"), *HERE.glob("fonts/*.ttf"), HERE / "typeset.py"]):
        hasher.update(path.name.encode() + path.read_bytes())
    return hasher.hexdigest()[:32]


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
