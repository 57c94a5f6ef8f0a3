"""Error pages in the site's own look, with the phone number and a way to get in touch without speaking."""

import contextlib
from html import escape

from flask import Flask, Response, g, make_response, request
from werkzeug.exceptions import HTTPException

from form_service import logs
from form_service.crypto import CannotSeal
from form_service.referral.questions.model import N_
from form_service.store import StoreUnavailable
from form_service.store.errors import UNSURE
from form_service.web.session import context, current_language, draft_session
from form_service.web.templating import EXIT, page

PAGES = {
    400: (
        N_("We could not read that"),
        N_(
            "Something went wrong, and we could not read what your browser sent. This is not your fault. Please try "
            "again."
        ),
    ),
    403: (
        N_("Please use the form on our site"),
        N_("This address does not open the form. Please start again from our website."),
    ),
    404: (N_("Page not found"), N_("If you typed the address, please check it.")),
    405: (N_("Something went wrong"), N_("Please go back to the form.")),
    413: (
        N_("That was too long"),
        N_(
            "What you typed on that page is so long that we could not keep it. Press your browser’s Back button: "
            "your words may still be there. Shorten it to a few sentences and try again, or contact us another way."
        ),
    ),
    415: (
        N_("We could not read that"),
        N_("Your browser sent the page in a way that we cannot read. This is not your fault. Please try again."),
    ),
    429: (
        N_("Please wait a little"),
        N_(
            "The form has had too many requests from your internet connection. You have not done anything wrong. "
            "Please try again in 10 minutes."
        ),
    ),
    500: (N_("Something went wrong"), N_("This is our fault, not yours. We have not received your last answers.")),
    503: (
        N_("We have not received this"),
        N_("Our form cannot save anything at the moment. Your answers are still here."),
    ),
}
# Added to these pages when the person has answered something.
KEPT_BESIDE = (413, 429, 500)
KEPT = N_("Your earlier answers are kept.")
# A page could not be shown, and nothing had been sent with the request.
NOT_SHOWN = (
    N_("Something went wrong"),
    N_("This is our fault, not yours. Please try again in a moment, or contact us another way."),
)
# The store does not answer, and nothing had been sent with the request.
BUSY = (
    N_("Please try again in a moment"),
    N_(
        "The form is not working at the moment. Any answers you have already given are kept. You have not lost "
        "anything."
    ),
)
# A request on the person's own page, or the team's confirmation, failed, and nothing has changed.
NOT_CHANGED = (
    N_("We could not do that just now"),
    N_("This is our fault, not yours. Nothing has changed yet. Please try again in a moment."),
)
# The connection to the store was lost while it saved: it saved everything or nothing.
UNSURE_SENT = (
    N_("We cannot tell whether we have this"),
    N_(
        "Our form lost its connection while it was saving. Please send it again from this page. Even if it arrives "
        "twice, we will only count it once."
    ),
)
UNSURE_CHANGED = (
    N_("We cannot tell whether that worked"),
    N_("Our form lost its connection while it was saving. Please try again: it does no harm to ask twice."),
)
# Start was pressed: nothing had been typed or sent yet.
NOT_STARTED = (
    N_("The form cannot start just now"),
    N_("It cannot save anything at the moment. Please try again in a few minutes, or contact us another way."),
)


def install(app: Flask) -> None:
    """Register a page for every kind of failure."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreUnavailable, lambda error: error_page(503, unsure=error.kind == UNSURE))
    app.register_error_handler(CannotSeal, lambda _: error_page(503))
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    response = error_page(error.code or 500)
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(error.get_response().allow))
    return response


def _unexpected(error: Exception) -> Response:
    logs.unexpected(error)
    return error_page(500)


def error_page(code: int, unsure: bool = False) -> Response:
    """Return the page for this status, else plain text. `unsure`: what was sent may have been saved."""
    if code not in (500, 503):
        # The page is in the draft's language. When the store failed, do not ask it again.
        with contextlib.suppress(StoreUnavailable):
            draft_session()
    title, *says = _unsure_words() if unsure and request.method == "POST" else _words(code)
    phone, email = context.service["phone"], context.service["email"]
    if not request.accept_mimetypes.accept_html:
        response = make_response(f"{title}. {' '.join(says)} Phone {phone}, email {email}.\n", code)
        response.mimetype = "text/plain"
    else:
        try:
            response = make_response(_rendered(code, title, says), code)
        except Exception:
            response = make_response(_bare(title, " ".join(says)), code)
    if code in (429, 503):
        response.headers["Retry-After"] = "600" if code == 429 else "30"
    return response


def _unsure_words() -> tuple[str, ...]:
    if _is_after_sending():
        return UNSURE_CHANGED
    return NOT_STARTED if _is_starting() else UNSURE_SENT


def _words(code: int) -> tuple[str, ...]:
    """Return the title, and sentences that say what this means for the person."""
    if code in (429, 500, 503) and _is_after_sending():
        return NOT_CHANGED
    if code == 503 and request.method != "POST":
        return BUSY
    if code == 503 and _is_starting():
        return NOT_STARTED
    words = PAGES.get(code, PAGES[500] if code >= 500 else PAGES[400])
    if code == 500 and (request.method != "POST" or _is_starting()):
        words = NOT_SHOWN
    return (*words, KEPT) if code in KEPT_BESIDE and _has_answers() else words


def _has_answers() -> bool:
    """Return whether this request opened a draft that holds an answer and was not sent yet."""
    session = g.get("draft_session")
    return session is not None and session.draft is not None and bool(session.draft.answers) and not session.draft.sent


def _is_after_sending() -> bool:
    """Return whether the request is about a referral that has been sent: by its sender, or by the team."""
    return _is_withdrawing() or (request.method == "POST" and request.endpoint == "received.receive")


def _is_withdrawing() -> bool:
    return request.method == "POST" and request.endpoint == "withdraw.withdraw"


def _is_starting() -> bool:
    return request.method == "POST" and request.endpoint == "start.begin"


def _rendered(code: int, title: str, says: list[str]) -> str:
    language = current_language()
    return page(
        "error.html",
        language.say(title),
        heading=language.say(title),
        says=" ".join(map(language.say, says)),
        code=code,
        retry=_retry(code),
        typed=not (_is_after_sending() or _is_starting()),
        call_as_well=_is_withdrawing(),
    )


def _retry(code: int) -> list[tuple[str, str]]:
    """Return the fields that could not be kept, so that the button of the error page can send them again."""
    if code not in (429, 500, 503) or request.method != "POST":
        return []
    try:
        fields = [(name, value) for name, values in request.form.lists() for value in values]
    except HTTPException:
        return []
    return fields or [("again", "yes")]


def _bare(title: str, says: str) -> str:
    """Return a page that needs no template, for when the templates fail: the same ways to reach the team."""
    service = context.service
    second = service["second_phone"]
    ways = [
        ("Call", "phone", service["phone"]),
        (f"{second['label']}:", "second_phone", second["number"]),
        ("Text", "text_number", service["text_number"]),
    ]
    reach = [
        f'<li>{escape(word)} <a href="{escape(service["links"][name])}">{escape(number)}</a></li>'
        for word, name, number in ways
        if number
    ]
    email = escape(service["email"])
    relay_uk = service["helplines"].get("relay_uk")
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)}</title></head><body><p><a href="{EXIT}" rel="noreferrer">Leave this page</a></p>'
        f"<main><h1>{escape(title)}</h1><p>{escape(says)}</p><h2>Other ways to contact us</h2>"
        f'<ul>{"".join(reach)}<li>Email <a href="mailto:{email}">{email}</a></li></ul>'
        f"<p>{escape(relay_uk['says']) if relay_uk else ''}</p></main></body></html>"
    )
