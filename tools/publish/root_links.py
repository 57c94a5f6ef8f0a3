"""Rewrite relative links as links from the site's root.

A link such as `../search/` works at /leaflets/ but not at /leaflets. Netlify serves the page at both.
"""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

TAG = re.compile(r"<[a-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
LINK = re.compile(r"""(\s(?:href|src|srcset|poster|data|action)=)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)


def rewrite_links(html: str, page: str) -> str:
    """Return `html` with its relative links starting at the site's root.

    `page` is the path of the HTML file in the site.
    """

    def rewrite_link(match: re.Match[str]) -> str:
        name, quote, url = match.groups()
        if name.strip().lower() == "srcset=":
            parts = (part.split(maxsplit=1) for part in url.split(",") if part.strip())
            url = ", ".join(" ".join([_root_url(candidate_url, page), *width]) for candidate_url, *width in parts)
        else:
            url = _root_url(url, page)
        return f"{name}{quote}{url}{quote}"

    return TAG.sub(lambda tag: LINK.sub(rewrite_link, tag[0]), html)


def _root_url(url: str, page: str) -> str:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return url
    return urljoin(f"/{page}", url)


def rewrite(site: Path) -> None:
    """Make the relative links in all pages of `site` start at the site's root."""
    for path in site.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        path.write_text(rewrite_links(html, path.relative_to(site).as_posix()), encoding="utf-8")
