"""Colour the pictures, remove unneeded files, add versions to URLs and compress files."""

import gzip
import re
from pathlib import Path

import brotli

from service_profile import Service, pictures, style_sheet
from service_profile.icon import ICON_PATH, icon_svg

REQUIRED_ASSETS = (
    "exit.js",
    "search.js",
    "minisearch.js",
    "icon.svg",
    *(f"fonts/{font}" for font in style_sheet.FONT_FILES),
    "fonts/OFL.txt",
)
COMPRESSED_SUFFIXES = {".html", ".js", ".json", ".svg", ".xml", ".txt", ".ico"}
# The URL of an asset where a page or a script names it.
ASSET_URL = re.compile(r'(assets/[\w./-]+\.\w+)"')


def apply_colours(site: Path, service: Service) -> None:
    """Redraw the icon and the pictures of `site` in the service's colours."""
    (site / ICON_PATH).write_text(icon_svg(service), encoding="utf-8")
    for picture in (site / "assets" / "pictures").glob("*.svg"):
        svg = pictures.site_svg(pictures.read(picture.stem), service["look"])
        picture.write_text(svg, encoding="utf-8")


def remove_unneeded_files(site: Path, linked_files: set[Path]) -> None:
    """Delete all files except pages, leaflets, the sitemap, REQUIRED_ASSETS and `linked_files`."""
    kept_files = {site / "assets" / name for name in REQUIRED_ASSETS} | {site / "sitemap.xml"} | linked_files
    for path in sorted(site.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in kept_files and path.suffix != ".html" and not _is_leaflet(path, site):
            path.unlink()


def _is_leaflet(path: Path, site: Path) -> bool:
    return path.relative_to(site).parts[0] == "leaflets" and path.name != "leaflets.json"


def add_versions(site: Path) -> None:
    """Add a hash of each asset's content to its URLs in the pages and in search.js, because browsers cache assets."""
    for pattern in ("assets/search.js", "**/*.html"):
        for path in site.glob(pattern):
            text = path.read_text(encoding="utf-8")
            path.write_text(ASSET_URL.sub(lambda match: _versioned_url(site, match[1]), text), encoding="utf-8")


def _versioned_url(site: Path, name: str) -> str:
    file = site / name
    return f'{name}{style_sheet.version_query(file.read_bytes()) if file.is_file() else ""}"'


def compress(site: Path) -> None:
    """Write a Brotli and a gzip copy (.br, .gz) beside each text file, for servers that send them."""
    for path in sorted(site.rglob("*")):
        if path.suffix in COMPRESSED_SUFFIXES and path.is_file():
            data = path.read_bytes()
            path.with_name(path.name + ".br").write_bytes(brotli.compress(data, quality=11))
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))
