"""Where a POST comes from, and how many came. Suspicion marks a referral for the team; it never drops one."""

from urllib.parse import urlsplit

from flask import request

from form_service import limits
from form_service.views.visit import front_door


def _our_origins() -> set[str]:
    front = front_door()
    ours = {front.form_url, front.service.site_url}
    if not front.settings.production:
        ours.add(request.host_url)
    return {f"{address.scheme}://{address.netloc}" for address in map(urlsplit, ours)}


def origin() -> str:
    """ "ours", "elsewhere" or "unknown" (old browsers, and those that hide it)."""
    fetched = request.headers.get("Sec-Fetch-Site", "")
    sender = request.headers.get("Origin", "")
    if fetched == "same-origin" or sender in _our_origins():
        return "ours"
    if fetched in ("cross-site", "same-site") or sender not in ("", "null"):
        return "elsewhere"
    return "unknown"


def comes_from_elsewhere() -> bool:
    """True when another site's page sent this."""
    return origin() == "elsewhere"


def count_page() -> None:
    """Count this POST against its client, before anything is done for it. Raises TooMany."""
    front = front_door()
    limits.count_page(front.store, front.seal, request.remote_addr or "", request.content_length or 0)
