"""The page on which a person can follow, cancel or change their referral. A signed link opens it.

The holder of the link may be someone else, so the page shows no answers. Opening the page changes nothing.
"""

import secrets
from email.message import EmailMessage

from flask import Blueprint, Response, make_response, request

from form_service.config.local_time import local_time
from form_service.crypto import CannotSeal
from form_service.mail.message import to_bytes
from form_service.mail.notices import (
    compose_cancellation_notice,
    compose_new_contact_methods_notice,
    compose_stop_notice,
)
from form_service.referral.journey.answers import Answers
from form_service.referral.journey.draft import normalise_answer
from form_service.referral.journey.form import question_form
from form_service.referral.questions import PAGES_BY_SLUG, Route
from form_service.referral.questions.contact import NONE_SAFE
from form_service.referral.questions.model import N_, REFERRERS
from form_service.store import StoreUnavailable
from form_service.store.receipts import LedgerEntry
from form_service.store.referrals import NewEmail, NoticeResult, WithdrawalResult
from form_service.web.request_checks import count_page, is_cross_site
from form_service.web.session import context, current_language, draft_session, expire_cookie
from form_service.web.templating import render_page
from form_service.web.views.question_pages import field_errors, is_optional, revealed_questions

blueprint = Blueprint("withdraw", __name__)
WITHDRAWAL_TITLES = {
    WithdrawalResult.WITHDRAWN: N_("Your request is cancelled"),
    WithdrawalResult.TEAM_NOTIFIED: N_("We are telling the team that you have cancelled"),
    WithdrawalResult.ALREADY_WITHDRAWN: N_("Your request has already been cancelled"),
    WithdrawalResult.UNKNOWN: N_("This page can no longer show your request"),
}
NOTICE_TITLES = {
    "stopped": N_("We are telling the team to stop"),
    "new_ways": N_("We are telling the team the new ways to get in touch"),
    "no_safe_way": N_("We are telling the team to wait"),
}
# The form asks these questions about safe ways on two pages; here they are on one.
CONTACT_QUESTIONS = (*PAGES_BY_SLUG["reach"].questions, *PAGES_BY_SLUG["times"].questions)


@blueprint.get("/referral/withdraw/<token>")
def show_private_page(token: str) -> Response:
    """Show the person the state of their referral, and forms to cancel or change it."""
    reference = context.sealer.read_withdrawal_token(token)
    if reference is None:
        return make_response(render_page("withdraw-ended.html", current_language().say("This link has expired")), 404)
    entry = context.store.receipts.entry(reference)
    if entry is None:
        return withdrawal_result_page(reference, WithdrawalResult.UNKNOWN)
    return make_response(_private_page_html(entry, {}))


@blueprint.post("/referral/withdraw/<token>")
def withdraw_or_change(token: str) -> Response:
    """Cancel the referral, stop contact or send new contact details to the team, as the person asks.

    If another site sent the request, or the token or the action is invalid, change nothing.
    """
    count_page()
    reference = context.sealer.read_withdrawal_token(token)
    if reference is None or is_cross_site():
        return show_private_page(token)
    match request.form.get("action", "cancel"):
        case "cancel":
            return _cancel_referral(reference)
        case "stop":
            message = compose_stop_notice(reference, context.service, context.settings)
            return _queue_notice(reference, "stopped", message, "stopped")
        case "ways":
            return _send_new_contact_methods(reference)
    return show_private_page(token)


def _cancel_referral(reference: str) -> Response:
    notice = _sealed_notice("withdrawn", compose_cancellation_notice(reference, context.service, context.settings))
    response = withdrawal_result_page(reference, context.store.referrals.withdraw(reference, notice))
    _delete_withdrawn_draft(reference, response)
    return response


def _send_new_contact_methods(reference: str) -> Response:
    entry = context.store.receipts.entry(reference)
    if entry is None:
        return withdrawal_result_page(reference, WithdrawalResult.UNKNOWN)
    typed_answers = {
        question.name: normalise_answer(question, request.form.getlist(question.name)) for question in CONTACT_QUESTIONS
    }
    answers = {"who": [entry.route], **typed_answers}
    if entry.withdrawn_at is None and not question_form(CONTACT_QUESTIONS, answers).validate():
        return make_response(_private_page_html(entry, answers))
    is_contact_stopped = context.store.referrals.last_stop_request_at(reference) is not None
    message = compose_new_contact_methods_notice(
        reference, answers, is_contact_stopped, context.service, context.settings
    )
    return _queue_notice(reference, "new_ways", message, "no_safe_way" if NONE_SAFE in answers["reach"] else "new_ways")


def _queue_notice(reference: str, kind: str, message: EmailMessage, title_key: str) -> Response:
    """Queue a notice to the team, and return the page with the result. Raises StoreUnavailable.

    Nothing is queued if the referral is unknown or cancelled, or has too many notices. Repeated clicks on the same page
    queue one notice. `title_key` selects the title from NOTICE_TITLES.
    """
    del message["Message-ID"]
    domain = context.settings.mail_from.rpartition("@")[2]
    notice_id = context.sealer.pseudonym(f"{reference} {kind} {request.form.get('page', '')}")
    message["Message-ID"] = f"<{notice_id}@{domain}>"
    entry = context.store.receipts.entry(reference)
    is_self_referral = entry is None or entry.route not in REFERRERS
    match context.store.referrals.notify(reference, _sealed_notice(kind, message)):
        case NoticeResult.UNKNOWN:
            return withdrawal_result_page(reference, WithdrawalResult.UNKNOWN)
        case NoticeResult.CANCELLED:
            return withdrawal_result_page(reference, WithdrawalResult.ALREADY_WITHDRAWN)
        case NoticeResult.TOO_MANY:
            title = current_language().say("Please tell the team yourself")
            return make_response(
                render_page("notice.html", title, heading=title, reference=reference, kind="too_many"), 429
            )
    title = current_language().say(NOTICE_TITLES[title_key])
    return make_response(
        render_page("notice.html", title, heading=title, reference=reference, kind=title_key, of_self=is_self_referral)
    )


def _sealed_notice(kind: str, message: EmailMessage) -> NewEmail:
    """Return an encrypted notice to the team, ready to be queued.

    If it cannot be encrypted for the team, a notice of the kind "new_ways" raises CannotSeal. Any other notice contains
    no personal data, and is then encrypted only for storage.
    """
    try:
        sealed_email = context.sealer.seal_for_team(to_bytes(message))
    except CannotSeal:
        if kind == "new_ways":
            raise
        # The notice contains a reference and no personal data, so it is sent even without the team's certificate.
        sealed_email = context.sealer.seal_at_rest(to_bytes(message))
    return NewEmail(
        kind, str(message["Message-ID"]), sealed_email.key_id, sealed_email.sealed, context.settings.team_email
    )


def _private_page_html(entry: LedgerEntry, typed_answers: Answers) -> str:
    """Return the HTML of the page that shows the person the state of their referral.

    `typed_answers` are new contact details that contain errors and are shown again, or an empty dict.
    """
    language = current_language()
    route = Route(entry.route)
    answers: Answers = typed_answers or {"who": [route]}
    form = question_form(CONTACT_QUESTIONS, answers, language.say)
    if typed_answers:
        form.validate()
    title = language.say("Your request")
    return render_page(
        "withdraw.html",
        f"{language.say('Error:')} {title}" if typed_answers else title,
        reference=entry.reference,
        steps=_progress_sentences(entry),
        is_cancelled=entry.withdrawn_at is not None,
        page_id=secrets.token_hex(8),
        form=form,
        wrong=field_errors(form),
        ids={question.name: f"w{position}" for position, question in enumerate(CONTACT_QUESTIONS, 1)},
        questions=[
            (question, is_optional(question, answers)) for question in CONTACT_QUESTIONS if question.when is None
        ],
        revealed=revealed_questions(CONTACT_QUESTIONS, answers),
        route=route,
    )


def _progress_sentences(entry: LedgerEntry) -> list[str]:
    """Return the sentences that say what has happened to the referral, and when."""
    language = current_language()
    if entry.withdrawn_at is not None:
        return [
            language.say("We received your request on {day}.", day=_day_text(entry.accepted_at)),
            language.say("It was cancelled on {day}.", day=_day_text(entry.withdrawn_at)),
        ]
    events: list[tuple[float | None, str, str]] = [
        (entry.accepted_at, N_("We received your request on {day}."), ""),
        (
            entry.delivered_at,
            N_("It reached the team’s email system on {day}."),
            N_("It is on its way to the team by email."),
        ),
    ]
    if context.settings.receipt:
        not_yet_text = N_(
            "The team has not yet confirmed that they have seen it. If you are worried about this, please call or "
            "email them."
        )
        events.append((entry.received_at, N_("The team confirmed on {day} that they have it."), not_yet_text))
    sentences = [
        language.say(done_text, day=_day_text(happened_at)) if happened_at is not None else language.say(not_yet_text)
        for happened_at, done_text, not_yet_text in events
    ]
    if (stop_request_at := context.store.referrals.last_stop_request_at(entry.reference)) is not None:
        sentences.append(
            language.say(N_("On {day} we were asked to stop all contact."), day=_day_text(stop_request_at))
        )
    return sentences


def _day_text(timestamp: float) -> str:
    return current_language().day_text(local_time(timestamp).date())


def withdrawal_result_page(reference: str, result: WithdrawalResult) -> Response:
    """Return the page that tells the person whether their referral has been withdrawn."""
    title = current_language().say(WITHDRAWAL_TITLES[result])
    return make_response(
        render_page("withdrawn.html", title, heading=title, reference=reference, result=result.name),
        404 if result is WithdrawalResult.UNKNOWN else 200,
    )


def _delete_withdrawn_draft(reference: str, response: Response) -> None:
    """Delete the draft and the cookie of a withdrawn referral, if this browser still has them.

    While the store does not answer, do nothing.
    """
    try:
        session = draft_session()
        if session.draft and session.draft.sent and session.draft.sent.reference == reference:
            context.store.drafts.wipe(session.draft_id)
            expire_cookie(response)
    except StoreUnavailable:
        return
