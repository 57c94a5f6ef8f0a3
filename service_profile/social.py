"""Icons for links to social networks, chosen by the host of the link."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

# Paths below Material's .icons folder. `simple` is in the public domain; LinkedIn's is not part of it.
ICON_PATHS = {
    "facebook.com": "simple/facebook",
    "instagram.com": "simple/instagram",
    "x.com": "simple/x",
    "twitter.com": "simple/x",
    "youtube.com": "simple/youtube",
    "tiktok.com": "simple/tiktok",
    "threads.net": "simple/threads",
    "threads.com": "simple/threads",
    "bsky.app": "simple/bluesky",
    "whatsapp.com": "simple/whatsapp",
    "linkedin.com": "fontawesome/brands/linkedin",
}
DEFAULT_ICON_PATH = "material/web"


def links(social_links: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return "name", "url" and "icon" for each link in the footer. "icon" is a path below Material's folder .icons."""
    return [
        {"name": link["name"], "url": link["url"], "icon": f"{icon_path(link['url'])}.svg"} for link in social_links
    ]


def icon_path(url: str) -> str:
    """Return the path, without ".svg", of the icon of the social network that `url` leads to.

    For any other URL, return the path of a globe icon.
    """
    host = (urlsplit(url).hostname or "").lower()
    for network_host, path in ICON_PATHS.items():
        if host == network_host or host.endswith(f".{network_host}"):
            return path
    return DEFAULT_ICON_PATH
