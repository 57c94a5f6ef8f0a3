"""Checks on each request: its origin, the number of pages sent and the cookie. Suspicion never drops a referral."""

from urllib.parse import urlsplit

from flask import Response, make_response, request

from form_service.referral.questions.model import N_
from form_service.web import rate_limits
from form_service.web.session import context, cookies, current_language
from form_service.web.templating import page

NOT_KEPT = N_("Your browser blocked the cookie that this form needs")
SEVERAL = N_("We stopped the form to keep your answers private")


def _our_origins() -> set[str]:
    ours = {context.form_url, context.service.site_url}
    if not context.settings.production:
        ours.add(request.host_url)
    return {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, ours)}


def origin() -> str:
    """Return "ours", "elsewhere" or "unknown", as for old browsers and those that hide it."""
    fetched = request.headers.get("Sec-Fetch-Site", "")
    sender = request.headers.get("Origin", "")
    if fetched == "same-origin" or sender in _our_origins():
        return "ours"
    if fetched in ("cross-site", "same-site") or sender not in ("", "null"):
        return "elsewhere"
    return "unknown"


def is_cross_site() -> bool:
    """Return whether another site's page sent this."""
    return origin() == "elsewhere"


def count_page() -> None:
    """Count this POST for its client, before anything else is done. Raises TooManyRequests."""
    rate_limits.count_page(context.store, context.sealer, request.remote_addr or "", request.content_length or 0)


def only_one_cookie() -> Response | None:
    """Refuse a request with two cookies of the form's name before any answer is shown or kept.

    Another host of the domain can plant a cookie, and answers would go into a draft that someone else can read.
    """
    return no_cookie(several=True) if len(cookies()) > 1 else None


def no_cookie(several: bool = False) -> Response:
    """Return the page for a browser that kept no cookie or sent several, with other ways to reach the team."""
    title = current_language().say(SEVERAL if several else NOT_KEPT)
    return make_response(page("no-cookie.html", title, heading=title, several=several), 400 if several else 200)
