"""Changing one's mind: a signed link opens a page that asks; only its button withdraws."""

from flask import Blueprint, Response, make_response

from form_service.crypto import CannotSeal
from form_service.mail import compose_withdrawn, to_bytes
from form_service.referral.questions.model import N_
from form_service.store import NewMail, StoreUnavailable, Withdrawal
from form_service.web.request_checks import comes_from_elsewhere, count_page
from form_service.web.session import expire_cookie, front_door, reading, visit
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
    reference = front_door().seal.read_withdrawal(token)
    if reference is None:
        return make_response(page("withdraw-ended.html", reading().say("This link has ended")), 404)
    return make_response(page("withdraw.html", reading().say("Do you want to take it back?"), reference=reference))


@blueprint.post("/referral/withdraw/<token>")
def withdraw(token: str) -> Response:
    """Withdraws, and says what became of it. Doing it again changes nothing."""
    front = front_door()
    count_page()
    reference = front.seal.read_withdrawal(token)
    if reference is None or comes_from_elsewhere():
        return ask(token)
    letter = compose_withdrawn(reference, front.service, front.settings)
    try:
        sealed = front.seal.seal_for_team(to_bytes(letter))
    except CannotSeal:
        # It names a reference and nobody: better sent without the team's certificate than not at all.
        sealed = front.seal.seal_at_rest(to_bytes(letter))
    notice = NewMail("withdrawn", str(letter["Message-ID"]), sealed.key_id, sealed.sealed, front.settings.team_email)
    became = front.store.withdraw(reference, notice)
    response = became_page(reference, became)
    _forget(reference, response)
    return response


def became_page(reference: str, became: Withdrawal) -> Response:
    """Says what became of the wish to take it back."""
    title = reading().say(TITLES[became])
    return make_response(
        page("withdrawn.html", title, heading=title, reference=reference, became=became.name),
        404 if became is Withdrawal.UNKNOWN else 200,
    )


def _forget(reference: str, response: Response) -> None:
    """Nothing of a withdrawn referral stays behind in this browser's draft."""
    try:
        seen = visit()
        if seen.draft and seen.draft.sent and seen.draft.sent.reference == reference:
            front_door().store.wipe_draft(seen.draft_id)
            expire_cookie(response)
    except StoreUnavailable:
        return
