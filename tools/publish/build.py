"""Build site/: the pages, the leaflets and a compressed copy of each text file.

Files that the site does not need are left out.
"""

import logging
import os
import shutil
import sys
import time
from pathlib import Path

from mkdocs.commands.build import build as build_pages
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from leaflet.build import LeafletError, build_all
from service_profile import ProfileError, Service, line_ends, load, security_headers, style_sheet
from service_profile.profile import MKDOCS_YML, ROOT
from tools.content import check_pages, finished_text
from tools.publish import (
    assets,
    favicon,
    hosting,
    linked_files,
    nginx,
    organisation,
    pictures,
    root_links,
    search_index,
    sitemap,
)

DOCS, SITE = ROOT / "docs", ROOT / "site"
SECONDS_PER_DAY = 86_400
# The site's style sheet for other site generators, which include it from the templates' folder.
STYLE_FILE = style_sheet.OVERRIDES_FOLDER / "generated" / "site.css"


class BuildError(Exception):
    """Raised if the site cannot be built. The message is for the person who edits the pages."""


def build_leaflets(service: Service) -> None:
    """Build the leaflets into docs/leaflets/. Raises BuildError if that fails.

    Call this before the pages are built, because MkDocs checks that linked files exist.
    """
    try:
        build_all(DOCS / "leaflets", service)
    except LeafletError as error:
        raise BuildError(str(error)) from error


def write_pages(site: Path, service: Service) -> None:
    """Build the pages into `site` with MkDocs, and apply the service's colours.

    Raises BuildError if MkDocs fails or warns, or if a page's text has a problem.
    """
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    os.chdir(ROOT)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        config: MkDocsConfig = load_config(str(MKDOCS_YML), site_dir=str(site), strict=True)
        pass_settings(config, service)
        _write_if_changed(STYLE_FILE, config.extra["style"])
        build_pages(config)
    except (Abort, MkDocsException) as error:
        raise BuildError(f"The pages have mistakes, see above. {error}") from error
    if problems := finished_text.problems(site, DOCS):
        raise BuildError("\n".join(problems))
    assets.apply_colours(site, service)


def pass_settings(config: MkDocsConfig, service: Service) -> None:
    """Pass the service's settings to the templates and the Markdown extension, and its styles to the templates."""
    config.extra["service"] = config.mdx_configs["site_markdown"]["values"] = dict(service.values)
    # Pass the style sheets as text, because another build may be writing STYLE_FILE.
    config.extra["style"] = style_sheet.site_style(service)
    config.extra["inner_style"] = style_sheet.inner_page_style(service)


def _write_if_changed(file: Path, text: str) -> None:
    """Write `text` to `file`, unless it is the file's content already.

    A needless write would make `make serve` build again.
    """
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


def published_files(site: Path, service: Service) -> set[Path]:
    """Return the files of `site` that pages or leaflets link to. Raises BuildError for a link to a missing file."""
    links = list(linked_files.links(site, service.site_url))
    links += linked_files.leaflet_links(ROOT / "leaflet", service.site_url)
    if problems := linked_files.broken_link_messages(links, site, ROOT):
        raise BuildError("\n".join(problems))
    return {site / link.target for link in links}


def prepare_pictures(site: Path, files: set[Path], service: Service) -> None:
    """Scale down the pictures among `files`, and remove their EXIF data.

    Raises BuildError for a picture that cannot be published.
    """
    problems = []
    logo_paths = set(service.pictures().values())
    for path in sorted(files):
        relative_path = path.relative_to(site)
        if path.suffix.lower() in (".html", ".js", ".json", ".xml", "") or not (DOCS / relative_path).is_file():
            continue
        try:
            data = path.read_bytes()
            max_size = pictures.MAX_LOGO_SIZE if relative_path.as_posix() in logo_paths else pictures.MAX_PHOTO_SIZE
            publishable_data = pictures.make_publishable(relative_path.name, data, max_size)
            if publishable_data != data:
                path.write_bytes(publishable_data)
        except pictures.PictureError as error:
            problems.append(f"docs/{relative_path}: {error}")
    if problems:
        raise BuildError("\n".join(problems))


def headers_text(service: Service) -> str:
    """Return the content of `_headers`: the security and caching headers that the web host sends."""
    lines = ["/*"]
    lines += [
        f"  {name}: {value}"
        for name, value in (security_headers.site_headers(service) | security_headers.TRANSPORT_SECURITY_HEADER).items()
    ]
    lines += ["/assets/*", f"  Cache-Control: public, max-age={365 * SECONDS_PER_DAY}, immutable"]
    lines += ["/leaflets/*.pdf", f"  Cache-Control: public, max-age={SECONDS_PER_DAY}"]
    return "\n".join(lines) + "\n"


def build(production: bool = False, site: Path = SITE) -> None:
    """Build the complete site, and replace `site` only if the build succeeds.

    With `production`, sample values are errors too. Raises BuildError or ProfileError if the build fails.
    """
    service = load(production=production)
    problems = check_pages.problems(service)
    if problems:
        raise BuildError("\n".join(problems))
    build_leaflets(service)
    new_site = site.with_name(site.name + ".new")
    shutil.rmtree(new_site, ignore_errors=True)
    try:
        _build_complete_site(new_site, service)
        # Replace the old site only with a complete one.
        shutil.rmtree(site, ignore_errors=True)
        new_site.rename(site)
    finally:
        shutil.rmtree(new_site, ignore_errors=True)


def _build_complete_site(site: Path, service: Service) -> None:
    """Write the complete site to the empty folder `site`. Raises BuildError if it cannot be built."""
    write_pages(site, service)
    files = published_files(site, service)
    prepare_pictures(site, files, service)
    assets.remove_unneeded_files(site, files)
    sitemap.add_dates(site, DOCS, service)
    organisation.add_structured_data(site, service)
    search_index.write(site, DOCS)
    prevent_line_breaks(site)
    favicon.write_favicon(site)
    assets.add_versions(site)
    root_links.rewrite(site)
    (site / "_headers").write_text(headers_text(service), encoding="utf-8")
    (site / "robots.txt").write_text(
        f"User-agent: *\nAllow: /\nSitemap: {service.site_url}sitemap.xml\n", encoding="utf-8"
    )
    try:
        hosting.write(site, DOCS, service)
        nginx.write_includes(site, DOCS)
    except hosting.HostingError as error:
        raise BuildError(str(error)) from error
    assets.compress(site)
    make_readable(site)


def prevent_line_breaks(site: Path) -> None:
    """Prevent line breaks inside numbers and hyphenated names in the pages of `site`.

    This adds elements to the pages, so call it after `search_index` has read the pages.
    """
    for path in site.rglob("*.html"):
        path.write_text(line_ends.prevent_line_breaks(path.read_text(encoding="utf-8")), encoding="utf-8")


def make_readable(site: Path) -> None:
    """Let every account on the machine read `site`, because the web server has its own account."""
    site.chmod(0o755)
    for path in site.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def main() -> int:
    """Build the site. Return 0 when site/ is ready, 1 otherwise."""
    start = time.perf_counter()
    try:
        build(os.environ.get("SERVICE_ENV") == "production")
    except (BuildError, ProfileError) as error:
        print(error, file=sys.stderr)
        return 1
    total_bytes = sum(
        path.stat().st_size for path in SITE.rglob("*") if path.suffix not in (".pdf", ".br", ".gz") and path.is_file()
    )
    print(f"site/ is ready: {total_bytes / 1000:.0f} KB and the leaflets, in {time.perf_counter() - start:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
