"""Build site/, ready to publish: leaflets, then the pages, then what is not needed goes and the rest is packed."""

import gzip
import hashlib
import logging
import os
import re
import shutil
import sys
import time
from pathlib import Path

import brotli
from mkdocs.commands.build import build as build_pages
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from leaflet.build import LeafletError, build_all
from service_profile import ProfileError, Service, load, security_headers
from service_profile.icon import ICON, icon
from service_profile.profile import MKDOCS_YML, ROOT
from tools.content import check_pages
from tools.publish import hosting, linked_files, pictures, search_index

DOCS, SITE = ROOT / "docs", ROOT / "site"
ASSETS = ("exit.js", "search.js", "icon.svg")
PACKED = {".html", ".js", ".json", ".svg", ".xml", ".txt"}
DAY = 86_400
ANCHOR = re.compile(r'href="[^"]*#([^"]+)"|aria-labelledby="([^"]+)"')
HEADING = re.compile(r'(<h[1-6]) id="([^"]+)"')


class BuildError(Exception):
    """The site cannot be built; the message is for the person who edits the pages."""


def leaflets(service: Service) -> None:
    """Build the leaflets into docs/leaflets/ first, so that the strict links of the pages cover them."""
    try:
        build_all(out=DOCS / "leaflets", service=service)
    except LeafletError as error:
        raise BuildError(str(error)) from error


def pages(site: Path, service: Service) -> None:
    """Let MkDocs build the pages into `site`, and fill in the icon; every warning stops the build."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    os.chdir(ROOT)  # snippets are looked up from here
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        config: MkDocsConfig = load_config(str(MKDOCS_YML), site_dir=str(site), strict=True)
        # The templates get the settings as they were checked, with their defaults and the links to dial.
        config.extra["service"] = config.mdx_configs["site_markdown"]["values"] = dict(service.values)
        build_pages(config)
    except (Abort, MkDocsException) as error:
        raise BuildError(f"The pages have mistakes, see above. {error}") from error
    # The generator copies it as it stands.
    (site / ICON).write_text(icon(service), encoding="utf-8")


def linked(site: Path, service: Service) -> set[Path]:
    """The files of `site` that a page or leaflet links to. Raises BuildError for a link to a file that is not there."""
    found = list(linked_files.links(site, service.site_url))
    found += linked_files.leaflet_links(ROOT / "leaflet", service.site_url)
    if problems := linked_files.missing(found, site):
        raise BuildError("\n".join(problems))
    return {site / link.target for link in found}


def shrink(site: Path, files: set[Path]) -> None:
    """Scale photos down and clear what the camera wrote into them. Raises BuildError for a file that cannot be used."""
    problems = []
    for path in sorted(files):
        inside = path.relative_to(site)
        if path.suffix.lower() in (".html", ".js", ".json", ".xml", "") or not (DOCS / inside).is_file():
            continue
        try:
            data = path.read_bytes()
            small = pictures.publishable(inside.name, data)
            if small != data:
                path.write_bytes(small)
        except pictures.PictureError as error:
            problems.append(f"docs/{inside}: {error}")
    if problems:
        raise BuildError("\n".join(problems))


def prune(site: Path, kept: set[Path]) -> None:
    """Remove what the theme copies and no page uses; the files in `kept` stay."""
    wanted = {site / "assets" / name for name in ASSETS} | kept
    for path in sorted(site.rglob("*"), reverse=True):
        inside = path.relative_to(site)
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.suffix == ".html" or inside.parts[0] == "leaflets" or path in wanted or str(inside) == "sitemap.xml":
            if inside.name == "leaflets.json":
                path.unlink()
        else:
            path.unlink()


def plain_headings(site: Path) -> None:
    """Take the ids off headings that no page links to: every byte of a page is paid for by somebody with one bar."""
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    linked = {name for html in pages.values() for names in ANCHOR.findall(html) for name in names}
    for path, html in pages.items():
        kept = HEADING.sub(lambda match: match[0] if match[2] in linked else match[1], html)
        path.write_text(kept, encoding="utf-8")


def lean(site: Path) -> None:
    """Take indentation and comments out of the search page's script, and dates that mean nothing out of the map."""
    script = site / "assets" / "search.js"
    lines = (line.strip() for line in script.read_text(encoding="utf-8").splitlines())
    script.write_text("\n".join(line for line in lines if line and not line.startswith("/*")), encoding="utf-8")
    sitemap = site / "sitemap.xml"
    text = re.sub(r"<lastmod>.*?</lastmod>", "", sitemap.read_text(encoding="utf-8"))
    sitemap.write_text(re.sub(r"\s*\n\s*", "\n", text), encoding="utf-8")


def fingerprint(site: Path) -> None:
    """Let every address of an asset end with its content's hash: browsers may keep it for ever, and a changed file
    has another address."""
    for name, readers in (("search.json", "assets/search.js"), *((name, "*.html") for name in ASSETS)):
        digest = hashlib.sha256((site / "assets" / name).read_bytes()).hexdigest()[:6]
        for path in site.rglob(readers):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(f'assets/{name}"', f'assets/{name}?{digest}"'), encoding="utf-8")


def pack(site: Path) -> None:
    """Put a .br and a .gz beside each text file, for servers that hand them out as they are."""
    for path in sorted(site.rglob("*")):
        if path.suffix in PACKED and path.is_file():
            data = path.read_bytes()
            path.with_name(path.name + ".br").write_bytes(brotli.compress(data, quality=11))
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))


def headers(service: Service) -> str:
    """The `_headers` file by which the hosting sends the one policy."""
    lines = ["/*"]
    lines += [
        f"  {name}: {value}" for name, value in (security_headers.of_site(service) | security_headers.TRANSPORT).items()
    ]
    lines += ["/assets/*", f"  Cache-Control: public, max-age={365 * DAY}, immutable"]
    lines += ["/leaflets/*.pdf", f"  Cache-Control: public, max-age={DAY}"]
    return "\n".join(lines) + "\n"


def build(production: bool = False, site: Path = SITE) -> None:
    """Build everything into `site`.

    Raises BuildError or ProfileError with a message an editor can act on. With `production` a sample
    phone number, a statistic without its year and the like are errors.
    """
    service = load(production=production)
    problems = check_pages.problems(service)
    if problems:
        raise BuildError("\n".join(problems))
    leaflets(service)
    new = site.with_name(site.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        _finish(new, service)
        # Only a whole site ever takes the place of the old one.
        shutil.rmtree(site, ignore_errors=True)
        new.rename(site)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _finish(new: Path, service: Service) -> None:
    """Everything that makes a site, into the empty folder `new`. Raises BuildError."""
    pages(new, service)
    files = linked(new, service)
    shrink(new, files)
    prune(new, files)
    plain_headings(new)
    lean(new)
    search_index.write(new)
    fingerprint(new)
    (new / "_headers").write_text(headers(service), encoding="utf-8")
    (new / "robots.txt").write_text(
        f"User-agent: *\nAllow: /\nSitemap: {service.site_url}sitemap.xml\n", encoding="utf-8"
    )
    try:
        hosting.write(new, DOCS, service)
    except hosting.HostingError as error:
        raise BuildError(str(error)) from error
    pack(new)


def main() -> int:
    """Exit status: 0 when site/ is ready."""
    start = time.perf_counter()
    try:
        build(os.environ.get("SERVICE_ENV") == "production")
    except (BuildError, ProfileError) as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(p.stat().st_size for p in SITE.rglob("*") if p.suffix not in (".pdf", ".br", ".gz") and p.is_file())
    print(f"site/ is ready: {size / 1000:.0f} KB and the leaflets, in {time.perf_counter() - start:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
