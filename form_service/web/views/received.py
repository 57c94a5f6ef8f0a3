"""The page on which the team confirms that it has a referral. The signed link in the referral email opens the page.

Opening the page changes nothing, because link scanners open it too.
"""

from flask import Blueprint, Response, abort, make_response

from form_service.config.local_time import moment_text
from form_service.web.request_checks import count_page, is_cross_site
from form_service.web.session import context, current_language
from form_service.web.templating import render_page

blueprint = Blueprint("received", __name__)


@blueprint.get("/referral/received/<token>")
def show_confirmation(token: str) -> Response:
    """Show the reference, and the button with which the team confirms that it has the referral."""
    reference = context.sealer.read_receipt_token(token)
    entry = context.store.receipts.entry(reference) if reference else None
    if entry is None:
        abort(404)
    received_at_text = moment_text(entry.received_at) if entry.received_at is not None else ""
    say = current_language().say
    title = say("Confirmed") if received_at_text else say("Confirm a reference")
    is_withdrawn = entry.withdrawn_at is not None
    return make_response(
        render_page("received.html", title, reference=reference, since=received_at_text, is_withdrawn=is_withdrawn)
    )


@blueprint.post("/referral/received/<token>")
def confirm_receipt(token: str) -> Response:
    """Record that the team has received the referral, and show the confirmation page again.

    A second confirmation changes nothing. A request from another site or with an invalid token records nothing.
    """
    count_page()
    reference = context.sealer.read_receipt_token(token)
    if reference is not None and not is_cross_site():
        context.store.receipts.record(reference)
    return show_confirmation(token)


def receipt_url(reference: str) -> str:
    """Return the URL at which the team confirms that it has a referral, or "" if FORM_RECEIPT is off."""
    return (
        f"{context.form_url}received/{context.sealer.new_receipt_token(reference)}" if context.settings.receipt else ""
    )
