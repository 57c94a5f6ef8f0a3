"""Changing one's mind: a signed link opens a page that asks; only its button withdraws."""

from flask import Blueprint, Response, make_response

from form_service.crypto import CannotSeal
from form_service.mail import compose_withdrawn, to_bytes
from form_service.referral.questions.model import N_
from form_service.store import NewMail, StoreUnavailable, Withdrawal
from form_service.web.request_checks import comes_from_elsewhere, count_page
from form_service.web.session import app_context, current_language, draft_session, expire_cookie
from form_service.web.templating import page

blueprint = Blueprint("withdraw", __name__)
TITLES = {
    Withdrawal.WITHDRAWN: N_("You have taken it back"),
    Withdrawal.TEAM_TOLD: N_("We are telling the team that you took it back"),
    Withdrawal.ALREADY: N_("You have taken it back already"),
    Withdrawal.UNKNOWN: N_("We no longer have this"),
}


@blueprint.get("/referral/withdraw/<token>")
def ask(token: str) -> Response:
    """Asks, and shows the reference only. Link scanners that fetch it change nothing."""
    reference = app_context().seal.read_withdrawal(token)
    if reference is None:
        return make_response(page("withdraw-ended.html", current_language().say("This link has ended")), 404)
    return make_response(
        page("withdraw.html", current_language().say("Do you want to take it back?"), reference=reference)
    )


@blueprint.post("/referral/withdraw/<token>")
def withdraw(token: str) -> Response:
    """Withdraws, and says what became of it. Doing it again changes nothing."""
    context = app_context()
    count_page()
    reference = context.seal.read_withdrawal(token)
    if reference is None or comes_from_elsewhere():
        return ask(token)
    letter = compose_withdrawn(reference, context.service, context.settings)
    try:
        sealed = context.seal.seal_for_team(to_bytes(letter))
    except CannotSeal:
        # It names a reference and nobody: better sent without the team's certificate than not at all.
        sealed = context.seal.seal_at_rest(to_bytes(letter))
    notice = NewMail("withdrawn", str(letter["Message-ID"]), sealed.key_id, sealed.sealed, context.settings.team_email)
    became = context.store.referrals.withdraw(reference, notice)
    response = withdrawal_result_page(reference, became)
    _forget(reference, response)
    return response


def withdrawal_result_page(reference: str, became: Withdrawal) -> Response:
    """Says what became of the wish to take it back."""
    title = current_language().say(TITLES[became])
    return make_response(
        page("withdrawn.html", title, heading=title, reference=reference, became=became.name),
        404 if became is Withdrawal.UNKNOWN else 200,
    )


def _forget(reference: str, response: Response) -> None:
    """Nothing of a withdrawn referral stays behind in this browser's draft."""
    try:
        session = draft_session()
        if session.draft and session.draft.sent and session.draft.sent.reference == reference:
            app_context().store.drafts.wipe(session.draft_id)
            expire_cookie(response)
    except StoreUnavailable:
        return
