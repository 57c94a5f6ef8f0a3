"""The checks on each request: its origin, the rate limit of its client, and its cookies."""

from urllib.parse import urlsplit

from flask import Response, make_response, request

from form_service.referral.questions.model import N_
from form_service.web import rate_limits
from form_service.web.session import context, current_language, draft_cookies
from form_service.web.templating import render_page

COOKIE_BLOCKED_TITLE = N_("Your browser blocked the cookie that this form needs")
SEVERAL_COOKIES_TITLE = N_("We stopped the form to keep your answers private")


def _our_origins() -> set[str]:
    urls = {context.form_url, context.service.site_url}
    if not context.settings.is_production:
        urls.add(request.host_url)
    return {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, urls)}


def request_origin() -> str:
    """Return where the request comes from: "ours" (this form or its site), "elsewhere" or "unknown"."""
    fetch_site = request.headers.get("Sec-Fetch-Site", "")
    origin_header = request.headers.get("Origin", "")
    if fetch_site == "same-origin" or origin_header in _our_origins():
        return "ours"
    if fetch_site in ("cross-site", "same-site") or origin_header not in ("", "null"):
        return "elsewhere"
    return "unknown"


def is_cross_site() -> bool:
    """Return whether another site's page sent this request."""
    return request_origin() == "elsewhere"


def is_prefetch() -> bool:
    """Return whether the browser is prefetching, according to the header Sec-Purpose or one of its older names."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return any("prefetch" in purpose.lower() or "preview" in purpose.lower() for purpose in purposes)


def count_page() -> None:
    """Count this POST towards its client's limit. Raises TooManyRequests if the limit is exceeded."""
    rate_limits.count_page(context.store, context.sealer, request.remote_addr or "", request.content_length or 0)


def refuse_several_cookies() -> Response | None:
    """Return an error page if the request has several draft cookies, otherwise None.

    Someone else may have planted one of them to read the answers.
    """
    return cookie_problem_page(has_several_cookies=True) if len(draft_cookies()) > 1 else None


def cookie_problem_page(has_several_cookies: bool = False) -> Response:
    """Return the page for a browser that blocks the draft cookie or sends several of them."""
    title = current_language().say(SEVERAL_COOKIES_TITLE if has_several_cookies else COOKIE_BLOCKED_TITLE)
    return make_response(
        render_page("no-cookie.html", title, heading=title, several=has_several_cookies),
        400 if has_several_cookies else 200,
    )
