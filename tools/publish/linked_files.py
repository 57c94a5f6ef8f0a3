"""Find the links from pages and leaflets to files of the site.

Only linked files are published, and a broken link stops the build.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# The URL path of the form's pages, which are not files of the site.
FORM_PATH = "/referral/"
URL_ATTRIBUTES = {"href", "src", "poster", "data", "srcset"}


@dataclass(frozen=True)
class Link:
    """A link to a file of the site.

    `page` is the file that contains the link, `url` the link as written, and `target` the path of the linked file in
    the site.
    """

    page: str
    url: str
    target: str


class _LinkCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the URLs in the tag's attributes, but not the canonical link.

        A `srcset` attribute contains several URLs, each followed by a width.
        """
        if tag == "link" and ("rel", "canonical") in attrs:
            return
        for name, value in attrs:
            if name in URL_ATTRIBUTES and value:
                urls = [part.split()[0] for part in value.split(",") if part.strip()] if name == "srcset" else [value]
                self.urls += urls


def _target(page: str, url: str, site_url: str) -> str | None:
    """Return the file to which `url` leads from the file `page`, as a path in the site.

    Return None if `url` leads to the form, to another host or to an anchor in the same page.
    """
    base = urlsplit(site_url)
    parts = urlsplit(url.strip())
    if parts.scheme or parts.netloc:
        if (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
            return None
    elif not parts.path:
        return None
    path = unquote(parts.path) or "/"
    if path.startswith("/"):
        path = path.removeprefix(base.path.rstrip("/")) or "/"
        if path.startswith(FORM_PATH):
            return None
    else:
        path = f"/{page.rpartition('/')[0]}/{path}"
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            segments = segments[:-1]
        elif segment not in ("", "."):
            segments.append(segment)
    target = "/".join(segments)
    return f"{target}/index.html".lstrip("/") if path.endswith("/") or not target else target


def links(site: Path, site_url: str) -> Iterator[Link]:
    """Yield every link from a page of `site` to a file of the same site.

    A link may be relative, or begin with `site_url`.
    """
    for path in sorted(site.rglob("*.html")):
        page = path.relative_to(site).as_posix()
        collector = _LinkCollector()
        collector.feed(path.read_text(encoding="utf-8"))
        for url in dict.fromkeys(collector.urls):
            target = _target(page, url, site_url)
            if target is not None:
                yield Link(page, url, target)


def leaflet_links(folder: Path, site_url: str) -> Iterator[Link]:
    """Yield each link from the leaflets in `folder` to a file of the site."""
    for path in sorted(folder.glob("*.md")):
        text = re.sub(r"\{\{\s*site_url\s*\}\}", site_url, path.read_text(encoding="utf-8"))
        for url in re.findall(re.escape(site_url) + r"[\w./%-]*[\w/]", text):
            target = _target("", url, site_url)
            if target is not None:
                yield Link(f"leaflet/{path.name}", url, target)


def broken_link_messages(links: list[Link], site: Path, root: Path) -> list[str]:
    """Return a message for each broken link, with its Markdown file and line."""
    return [
        f"{_source_location(link, root)}: the link to {link.url} leads nowhere: there is no such page or file in docs/."
        for link in links
        if not (site / link.target).is_file() and not (site / link.target / "index.html").is_file()
    ]


def _source_location(link: Link, root: Path) -> str:
    """Return the Markdown file and line of a link, such as docs/harmed.md, line 7.

    The line is left out if it is not found.
    """
    page = link.page
    if page.endswith(".html"):
        page = f"docs/{page.removesuffix('/index.html').removesuffix('.html')}.md"
    source = root / page
    lines = source.read_text(encoding="utf-8", errors="replace").splitlines() if source.is_file() else []
    url_spellings = (link.url, link.url.strip("./"))
    number = next((number for url in url_spellings for number, line in enumerate(lines, start=1) if url in line), 0)
    return f"{page}, line {number}" if number else page
