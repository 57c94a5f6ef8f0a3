"""Check how a server answers every path and every link of the built site."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tools.publish.linked_files import URL_ATTRIBUTES

Fetch = Callable[[str], tuple[int, str, bytes]]  # path → status, Location or "", body
UNSERVED_SUFFIXES = (".br", ".gz")
# The path that the leaflets print, in every other mixture of capitals, as people may type it from paper.
FORM_PATHS_WITH_CAPITALS = [
    f"/{word}{slash}"
    for letters in product(*zip("referral", "REFERRAL", strict=True))
    if (word := "".join(letters)) != "referral"
    for slash in ("", "/")
]


def expected_paths(site: Path) -> Iterator[tuple[str, bool]]:
    """Yield each path that a person may open, and whether the path must exist.

    True means that the server must answer with 200; False means 404.
    """
    for file in sorted(path for path in site.rglob("*") if path.is_file()):
        path = "/" + file.relative_to(site).as_posix()
        if path.startswith("/_") or file.suffix in UNSERVED_SUFFIXES:
            continue
        yield path, True
        yield f"{path}/", False
        if file.name == "index.html":
            folder = path.removesuffix("index.html")
            yield folder, True
            if folder != "/":
                yield folder.rstrip("/"), True
    for folder_path in sorted(path for path in site.rglob("*") if path.is_dir()):
        if (folder_path / "index.html").exists():
            continue
        path = "/" + folder_path.relative_to(site).as_posix()
        if not path.startswith("/_"):
            yield f"{path}/", False
            yield path, False


def problems(site: Path, fetch: Fetch) -> list[str]:
    """Return a message for each path or link of the site that a server answers wrongly; `fetch` makes one request."""
    messages, links = [], dict[str, str]()
    for path, must_exist in expected_paths(site):
        current_path, (status, location, body) = path, fetch(path)
        while location and current_path != urlsplit(urljoin(current_path, location)).path:
            current_path = urlsplit(urljoin(current_path, location)).path
            status, location, body = fetch(current_path)
        if status != (200 if must_exist else 404):
            messages.append(f"{path} answers {status}")
        elif status == 404 and b"01632 960123" not in body:
            messages.append(f"{path} has no page that says how to reach a person")
        elif body[:15].lower().startswith(b"<!doctype html"):
            links |= {link: path for link in _links(body.decode(), current_path) if link not in links}
    for link, path in links.items():
        status, location, _ = fetch(link)
        if location:
            status, _, _ = fetch(urlsplit(location).path)
        if status != 200:
            messages.append(f"a link of {path} to {link} answers {status}")
    return messages


class _LinkCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the first URL in each attribute that contains URLs."""
        self.urls += [value.split()[0] for name, value in attrs if name in URL_ATTRIBUTES and value and value.strip()]


def _links(html: str, base_path: str) -> Iterator[str]:
    """Yield each path of the site, outside the form, that `html` links to or loads; `base_path` is the page's path."""
    collector = _LinkCollector()
    collector.feed(html)
    for url in collector.urls:
        if url.startswith("#"):
            continue
        parts = urlsplit(urljoin(f"https://here.example{base_path}", url))
        if parts.netloc == "here.example" and not parts.path.startswith("/referral/"):
            yield parts.path
