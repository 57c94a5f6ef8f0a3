"""The person's own page for their request, behind a signed link: how far it has got, and three requests to choose from.

The holder of the link may not be the person. So the page shows no answer; stopping is always obeyed; and new safe ways
reach the team with a warning. Link scanners that fetch the page change nothing.
"""

import secrets
from email.message import EmailMessage

from flask import Blueprint, Response, make_response, request

from form_service.config.local_time import local_time
from form_service.crypto import CannotSeal
from form_service.mail.message import to_bytes
from form_service.mail.notices import compose_new_ways, compose_stopped, compose_withdrawn
from form_service.referral.journey.answers import Answers
from form_service.referral.journey.draft import as_answer
from form_service.referral.journey.form import question_form
from form_service.referral.questions import BY_SLUG, Route
from form_service.referral.questions.contact import NONE_SAFE
from form_service.referral.questions.model import FOR_ANOTHER, N_
from form_service.store import StoreUnavailable
from form_service.store.receipts import LedgerEntry
from form_service.store.referrals import NewMail, Notice, Withdrawal
from form_service.web.request_checks import count_page, is_cross_site
from form_service.web.session import context, current_language, draft_session, expire_cookie
from form_service.web.templating import page
from form_service.web.views.question_pages import errors_in, is_optional, revealed_questions

blueprint = Blueprint("withdraw", __name__)
WITHDRAWAL_TITLES = {
    Withdrawal.WITHDRAWN: N_("Your request is cancelled"),
    Withdrawal.TEAM_NOTIFIED: N_("We are telling the team that you have cancelled"),
    Withdrawal.ALREADY: N_("Your request has already been cancelled"),
    Withdrawal.UNKNOWN: N_("This page can no longer show your request"),
}
NOTICE_TITLES = {
    "stopped": N_("We are telling the team to stop"),
    "new_ways": N_("We are telling the team the new ways to get in touch"),
    "no_safe_way": N_("We are telling the team to wait"),
}
# What the form asks about the ways to be in touch, on two pages; here it is asked on one.
WAYS = (*BY_SLUG["reach"].questions, *BY_SLUG["times"].questions)


@blueprint.get("/referral/withdraw/<token>")
def own_page(token: str) -> Response:
    """Show the reference, how far the request has got, and what the person can ask for."""
    reference = context.sealer.read_withdrawal(token)
    if reference is None:
        return make_response(page("withdraw-ended.html", current_language().say("This link has expired")), 404)
    entry = context.store.receipts.entry(reference)
    if entry is None:
        return withdrawal_result_page(reference, Withdrawal.UNKNOWN)
    return make_response(_own_page(entry, {}))


@blueprint.post("/referral/withdraw/<token>")
def withdraw(token: str) -> Response:
    """Cancel the request, stop contact or send new safe ways, and show the result."""
    count_page()
    reference = context.sealer.read_withdrawal(token)
    if reference is None or is_cross_site():
        return own_page(token)
    match request.form.get("action", "cancel"):
        case "cancel":
            return _cancel(reference)
        case "stop":
            message = compose_stopped(reference, context.service, context.settings)
            return _notify(reference, "stopped", message, "stopped")
        case "ways":
            return _change_ways(reference)
    return own_page(token)


def _cancel(reference: str) -> Response:
    notice = _sealed_notice("withdrawn", compose_withdrawn(reference, context.service, context.settings))
    response = withdrawal_result_page(reference, context.store.referrals.withdraw(reference, notice))
    _forget(reference, response)
    return response


def _change_ways(reference: str) -> Response:
    entry = context.store.receipts.entry(reference)
    if entry is None:
        return withdrawal_result_page(reference, Withdrawal.UNKNOWN)
    typed = {question.name: as_answer(question, request.form.getlist(question.name)) for question in WAYS}
    answers = {"who": [entry.route], **typed}
    if entry.withdrawn_at is None and not question_form(WAYS, answers).validate():
        return make_response(_own_page(entry, answers))
    is_stopped = context.store.referrals.stopped_at(reference) is not None
    message = compose_new_ways(reference, answers, is_stopped, context.service, context.settings)
    return _notify(reference, "new_ways", message, "no_safe_way" if NONE_SAFE in answers["reach"] else "new_ways")


def _notify(reference: str, kind: str, message: EmailMessage, shown: str) -> Response:
    """Queue the notice once per page that was shown, and return the result page. Raises StoreUnavailable.

    `shown` is the key in NOTICE_TITLES of the result page's title.
    """
    del message["Message-ID"]
    domain = context.settings.mail_from.rpartition("@")[2]
    page_id = context.sealer.pseudonym(f"{reference} {kind} {request.form.get('page', '')}")
    message["Message-ID"] = f"<{page_id}@{domain}>"
    entry = context.store.receipts.entry(reference)
    of_self = entry is None or entry.route not in FOR_ANOTHER
    match context.store.referrals.notify(reference, _sealed_notice(kind, message)):
        case Notice.UNKNOWN:
            return withdrawal_result_page(reference, Withdrawal.UNKNOWN)
        case Notice.CANCELLED:
            return withdrawal_result_page(reference, Withdrawal.ALREADY)
        case Notice.TOO_MANY:
            title = current_language().say("Please tell the team yourself")
            return make_response(page("notice.html", title, heading=title, reference=reference, kind="too_many"), 429)
    title = current_language().say(NOTICE_TITLES[shown])
    return make_response(page("notice.html", title, heading=title, reference=reference, kind=shown, of_self=of_self))


def _sealed_notice(kind: str, message: EmailMessage) -> NewMail:
    """Return the notice, sealed. Raises CannotSeal for new ways, which contain personal details."""
    try:
        sealed = context.sealer.seal_for_team(to_bytes(message))
    except CannotSeal:
        if kind == "new_ways":
            raise
        # It has a reference and no personal data: better sent without the team's certificate than not at all.
        sealed = context.sealer.seal_at_rest(to_bytes(message))
    return NewMail(kind, str(message["Message-ID"]), sealed.key_id, sealed.sealed, context.settings.team_email)


def _own_page(entry: LedgerEntry, typed: Answers) -> str:
    """Return the HTML of the person's page; `typed` are new ways that could not be accepted."""
    language = current_language()
    route = Route(entry.route)
    answers: Answers = typed or {"who": [route]}
    form = question_form(WAYS, answers, language.say)
    if typed:
        form.validate()
    title = language.say("Your request")
    return page(
        "withdraw.html",
        f"{language.say('Error:')} {title}" if typed else title,
        reference=entry.reference,
        steps=_steps(entry),
        is_cancelled=entry.withdrawn_at is not None,
        page_id=secrets.token_hex(8),
        form=form,
        wrong=errors_in(form),
        ids={question.name: f"w{place}" for place, question in enumerate(WAYS, 1)},
        questions=[(question, is_optional(question, answers)) for question in WAYS if question.when is None],
        revealed=revealed_questions(WAYS, answers),
        route=route,
    )


def _steps(entry: LedgerEntry) -> list[str]:
    """Return how far the request has got, in plain lines with dates."""
    language = current_language()
    if entry.withdrawn_at is not None:
        return [
            language.say("We received your request on {day}.", day=_day(entry.accepted_at)),
            language.say("It was cancelled on {day}.", day=_day(entry.withdrawn_at)),
        ]
    lines: list[tuple[float | None, str, str]] = [
        (entry.accepted_at, N_("We received your request on {day}."), ""),
        (
            entry.delivered_at,
            N_("It reached the team’s mailbox on {day}."),
            N_("It is on its way to the team’s mailbox."),
        ),
    ]
    if context.settings.receipt:
        not_yet = N_(
            "The team has not yet confirmed that they have seen it. If you are worried about this, please call or "
            "email them."
        )
        lines.append((entry.received_at, N_("The team confirmed on {day} that they have it."), not_yet))
    steps = [
        language.say(done, day=_day(at)) if at is not None else language.say(not_yet) for at, done, not_yet in lines
    ]
    if (stopped_at := context.store.referrals.stopped_at(entry.reference)) is not None:
        steps.append(language.say(N_("On {day} we told the team to stop all contact."), day=_day(stopped_at)))
    return steps


def _day(seconds: float) -> str:
    return current_language().day(local_time(seconds).date())


def withdrawal_result_page(reference: str, result: Withdrawal) -> Response:
    """Return the page with the result of cancelling."""
    title = current_language().say(WITHDRAWAL_TITLES[result])
    return make_response(
        page("withdrawn.html", title, heading=title, reference=reference, result=result.name),
        404 if result is Withdrawal.UNKNOWN else 200,
    )


def _forget(reference: str, response: Response) -> None:
    """Delete what this browser's draft still holds of a withdrawn referral."""
    try:
        session = draft_session()
        if session.draft and session.draft.sent and session.draft.sent.reference == reference:
            context.store.drafts.wipe(session.draft_id)
            expire_cookie(response)
    except StoreUnavailable:
        return
