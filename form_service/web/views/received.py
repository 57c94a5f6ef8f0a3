"""The team confirms a referral: a signed link opens a page, and only the button on it records the confirmation."""

from flask import Blueprint, Response, abort, make_response

from form_service.config.local_time import moment_text
from form_service.web.request_checks import count_page, is_cross_site
from form_service.web.session import context, current_language
from form_service.web.templating import page

blueprint = Blueprint("received", __name__)


@blueprint.get("/referral/received/<token>")
def ask(token: str) -> Response:
    """Ask for confirmation, and show the reference only. A link scanner that opens the page changes nothing."""
    reference = context.sealer.read_receipt(token)
    entry = context.store.receipts.entry(reference) if reference else None
    if entry is None:
        abort(404)
    since = moment_text(entry.received_at) if entry.received_at is not None else ""
    say = current_language().say
    title = say("Confirmed") if since else say("Confirm a reference")
    is_withdrawn = entry.withdrawn_at is not None
    return make_response(page("received.html", title, reference=reference, since=since, is_withdrawn=is_withdrawn))


@blueprint.post("/referral/received/<token>")
def receive(token: str) -> Response:
    """Record that a member of the team has the referral. Doing it again changes nothing."""
    count_page()
    reference = context.sealer.read_receipt(token)
    if reference is not None and not is_cross_site():
        context.store.receipts.record(reference)
    return ask(token)


def receipt_url(reference: str) -> str:
    """Return the confirmation page's URL for the team's email; "" when confirmation is switched off."""
    return f"{context.form_url}received/{context.sealer.sign_receipt(reference)}" if context.settings.receipt else ""
