"""The error pages in the site's style, with ways to reach the team by phone and in writing."""

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
from form_service.web.templating import EXIT_PATH, render_page

TEXTS_BY_STATUS = {
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
            "What you typed on that page was too long for us to keep. Press your browser’s Back button: "
            "your words may still be there. Shorten them to a few sentences and try again, or contact us another way."
        ),
    ),
    415: (
        N_("We could not read that"),
        N_("Your browser sent the page in a way that we cannot read. This is not your fault. Please try again."),
    ),
    429: (
        N_("Please wait a few minutes"),
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
# The statuses whose pages end with ANSWERS_KEPT_TEXT if the person has answered a question.
STATUSES_THAT_KEEP_ANSWERS = (413, 429, 500)
ANSWERS_KEPT_TEXT = N_("Your earlier answers have been kept.")
NOTHING_CHANGED_TEXT = N_("Nothing has changed yet.")
# A page could not be shown, and nothing had been sent with the request.
NOT_SHOWN_TEXTS = (
    N_("Something went wrong"),
    N_("This is our fault, not yours. Please try again in a moment, or contact us another way."),
)
# The store does not answer, and nothing had been sent with the request.
STORE_UNAVAILABLE_TEXTS = (
    N_("Please try again in a moment"),
    N_(
        "The form is not working at the moment. Any answers you have already given have been kept. You have not lost "
        "anything."
    ),
)
# A request from the person's page about their referral, or the team's confirmation, failed. Nothing has changed.
NOT_CHANGED_TEXTS = (
    N_("We could not do that just now"),
    N_("This is our fault, not yours. Nothing has changed yet. Please try again in a moment."),
)
# The connection to the store was lost while it saved: it saved everything or nothing.
MAYBE_SENT_TEXTS = (
    N_("We cannot tell whether we have this"),
    N_(
        "Our form lost its connection while it was saving your answers. Please send them again from this page. Even "
        "if they arrive twice, we will only count them once."
    ),
)
MAYBE_CHANGED_TEXTS = (
    N_("We cannot tell whether that worked"),
    N_("Our form lost its connection while it was saving. Please try again: it does no harm to ask twice."),
)
# Start or “Make another referral” was pressed: nothing had been typed yet.
NOT_STARTED_TEXTS = (
    N_("The form cannot start just now"),
    N_("It cannot save anything at the moment. Please try again in a few minutes, or contact us another way."),
)


def install(app: Flask) -> None:
    """Register the error pages with the application."""
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(StoreUnavailable, lambda error: error_page(503, is_outcome_unknown=error.kind == UNSURE))
    app.register_error_handler(CannotSeal, lambda _: error_page(503))
    app.register_error_handler(Exception, _handle_unexpected_error)


def _handle_http_error(error: HTTPException) -> Response:
    response = error_page(error.code or 500)
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(error.get_response().allow))
    return response


def _handle_unexpected_error(error: Exception) -> Response:
    logs.exception(error)
    return error_page(500)


def error_page(code: int, is_outcome_unknown: bool = False) -> Response:
    """Return the error page for a status code, as plain text if the client does not accept HTML.

    `is_outcome_unknown`: the connection to the store was lost, so nobody knows whether the data was stored.
    """
    if code not in (500, 503):
        # Open the draft, because the page is in its language; but not when the store has failed.
        with contextlib.suppress(StoreUnavailable):
            draft_session()
    title, *sentences = (
        _unknown_outcome_texts() if is_outcome_unknown and request.method == "POST" else _texts_for(code)
    )
    phone, email = context.service["phone"], context.service["email"]
    if not request.accept_mimetypes.accept_html:
        response = make_response(f"{title}. {' '.join(sentences)} Phone {phone}, email {email}.\n", code)
        response.mimetype = "text/plain"
    else:
        try:
            response = make_response(_error_html(code, title, sentences), code)
        except Exception:
            response = make_response(_minimal_page(title, " ".join(sentences)), code)
    if code in (429, 503):
        response.headers["Retry-After"] = "600" if code == 429 else "30"
    return response


def _unknown_outcome_texts() -> tuple[str, ...]:
    if _is_after_sending():
        return MAYBE_CHANGED_TEXTS
    return NOT_STARTED_TEXTS if _is_starting_form() else MAYBE_SENT_TEXTS


def _texts_for(code: int) -> tuple[str, ...]:
    """Return the title of the error page, followed by its sentences."""
    if code in (429, 500, 503) and _is_after_sending():
        return (*TEXTS_BY_STATUS[429], NOTHING_CHANGED_TEXT) if code == 429 else NOT_CHANGED_TEXTS
    if code == 503 and request.method != "POST":
        return STORE_UNAVAILABLE_TEXTS
    if code == 503 and _is_starting_form():
        return NOT_STARTED_TEXTS
    texts = TEXTS_BY_STATUS.get(code, TEXTS_BY_STATUS[500] if code >= 500 else TEXTS_BY_STATUS[400])
    if code == 500 and (request.method != "POST" or _is_starting_form()):
        texts = NOT_SHOWN_TEXTS
    return (*texts, ANSWERS_KEPT_TEXT) if code in STATUSES_THAT_KEEP_ANSWERS and _has_unsent_answers() else texts


def _has_unsent_answers() -> bool:
    """Return whether this request's draft has answers and is not yet sent."""
    session = g.get("draft_session")
    return session is not None and session.draft is not None and bool(session.draft.answers) and not session.draft.sent


def _is_after_sending() -> bool:
    """Return whether this request is about a referral that has already been sent."""
    return _is_withdrawing() or (request.method == "POST" and request.blueprint == "received")


def _is_withdrawing() -> bool:
    return request.method == "POST" and request.endpoint == "withdraw.withdraw_or_change"


def _is_starting_form() -> bool:
    return request.method == "POST" and request.endpoint in ("start.begin", "start.begin_next_referral")


def _error_html(code: int, title: str, sentences: list[str]) -> str:
    language = current_language()
    return render_page(
        "error.html",
        language.say(title),
        heading=language.say(title),
        says=" ".join(map(language.say, sentences)),
        code=code,
        retry=_fields_to_resend(code),
        typed=not (_is_after_sending() or _is_starting_form()),
        call_as_well=_is_withdrawing(),
    )


def _fields_to_resend(code: int) -> list[tuple[str, str]]:
    """Return the posted fields, which a button on the error page sends again.

    A POST without fields gets a placeholder. Return [] if sending again would not help or the request is unreadable.
    """
    if code not in (429, 500, 503) or request.method != "POST":
        return []
    try:
        fields = [(name, value) for name, values in request.form.lists() for value in values]
    except HTTPException:
        return []
    return fields or [("again", "yes")]


def _minimal_page(title: str, sentences: str) -> str:
    """Return the HTML of an error page that needs no template, for use if rendering fails."""
    service = context.service
    second_phone = service["second_phone"]
    phone_contacts = [
        ("Call", "phone", service["phone"]),
        (f"{second_phone['label']}:", "second_phone", second_phone["number"]),
        ("Text", "text_number", service["text_number"]),
    ]
    phone_items = [
        f'<li>{escape(label)} <a href="{escape(service["links"][name])}">{escape(number)}</a></li>'
        for label, name, number in phone_contacts
        if number
    ]
    email = escape(service["email"])
    relay_uk = service["helplines"].get("relay_uk")
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)}</title></head><body><p><a href="{EXIT_PATH}" rel="noreferrer">Leave this page</a></p>'
        f"<main><h1>{escape(title)}</h1><p>{escape(sentences)}</p><h2>Other ways to contact us</h2>"
        f'<ul>{"".join(phone_items)}<li>Email <a href="mailto:{email}">{email}</a></li></ul>'
        f"<p>{escape(relay_uk['says']) if relay_uk else ''}</p></main></body></html>"
    )
