"""The check page, sending, the confirmation, and the page for a referrer who cannot go on yet."""

import time
from collections.abc import Callable

from flask import Blueprint, Response, make_response, request

from form_service.config.local_time import local_time
from form_service.crypto import draft_keys
from form_service.mail.message import to_bytes
from form_service.mail.notices import compose_neutral_copy
from form_service.mail.team_email import ReferralDetails, compose_referral_email
from form_service.referral.journey.answers import digest, first_value, route_of
from form_service.referral.journey.draft import Draft, SentReferral, merge, normalise_answer
from form_service.referral.journey.flags import flags_of
from form_service.referral.journey.form import question_form
from form_service.referral.journey.steps import CHECK_SLUG, PAUSE_SLUG, next_slug
from form_service.referral.questions import COPY_TO, Route
from form_service.referral.questions.contact import NONE_SAFE
from form_service.referral.reference import new_reference
from form_service.store.drafts import SentDraft
from form_service.store.errors import DraftChanged, ReferenceTaken
from form_service.store.referrals import AcceptResult, NewEmail, NewReferral, WithdrawalResult
from form_service.web import rate_limits
from form_service.web.request_checks import count_page, refuse_several_cookies, request_origin
from form_service.web.session import (
    CONFIRMATION_LIFETIME,
    DraftSession,
    confirmation_ends_at,
    context,
    current_language,
    draft_session,
)
from form_service.web.templating import render_page
from form_service.web.views.check_answers import CHECK_PAGE, check_page_html, professional_record_rows
from form_service.web.views.question_pages import change_language, is_from_our_page, notice_names, redirect_to
from form_service.web.views.received import receipt_url
from form_service.web.views.withdrawal import withdrawal_result_page

blueprint = Blueprint("submit", __name__)
blueprint.before_request(refuse_several_cookies)
blueprint.before_request(change_language)
# A person cannot read their answers and tick a box in less time.
MIN_READING_SECONDS = 1.5
# How many times to try while other tabs keep changing the answers.
MAX_SEND_TRIES = 5


@blueprint.get("/referral/check")
def show_check_page() -> Response:
    """Show the check page, with all answers, links to change them, and the button that sends the form.

    If the form is incomplete or has been sent, redirect to the page to show instead.
    """
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    if session.draft.sent:
        return redirect_to("done")
    next_page_slug = next_slug(session.draft.answers, session.draft.posted)
    if next_page_slug != CHECK_SLUG:
        return redirect_to(next_page_slug)
    return make_response(check_page_html(session))


@blueprint.post("/referral/check")
def send() -> Response:
    """Send the referral once, however often the button is clicked.

    If it cannot be sent now, respond with the page to show instead.
    """
    count_page()
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    fields = request.form.to_dict(flat=False)
    if not is_from_our_page(session, fields):
        if session.draft.sent or next_slug(session.draft.answers, session.draft.posted) != CHECK_SLUG:
            # Another tab sent the form or began again, so this page has nothing to send.
            return show_check_page()
        message = current_language().say(
            "Sorry, something went wrong and this was not sent. Please check your answers and send them again"
        )
        return make_response(check_page_html(session, [("", message)]), 400)
    suspicions, offers_copy = _suspicion_reasons(fields), bool(context.settings.neutral_from)
    return _send_draft(session, lambda draft: _merge_check_page(draft, fields, suspicions, offers_copy))


def _send_draft(session: DraftSession, merge_check_page: Callable[[Draft], None]) -> Response:
    """Merge the check page into the draft with `merge_check_page`, then send the draft.

    After MAX_SEND_TRIES conflicts with other tabs, send nothing and show the check page again.
    """
    for _ in range(MAX_SEND_TRIES):
        draft = session.change(merge_check_page)
        if draft is None:
            return redirect_to()
        if (redirection := _redirect_if_unsendable(draft)) is not None:
            return redirection
        try:
            result = _accept_referral(session, draft)
        except DraftChanged:
            continue  # another tab changed the draft meanwhile
        if not result.is_new:
            # An earlier click has sent the referral; only record whether this one would have sent something else.
            session.change(merge_check_page)
        return redirect_to("done")

    def record_conflict(draft: Draft) -> None:
        merge_check_page(draft)
        draft.changed_elsewhere = True

    draft = session.change(record_conflict)
    return redirect_to() if draft is None else _redirect_if_unsendable(draft) or redirect_to(CHECK_SLUG)


def _redirect_if_unsendable(draft: Draft) -> Response | None:
    """Return None if the draft can be sent now, otherwise a redirect to the page that the person should see."""
    if draft.sent:
        return redirect_to("done")
    if (next_page_slug := next_slug(draft.answers, draft.posted)) != CHECK_SLUG:
        return redirect_to(next_page_slug)
    return redirect_to(CHECK_SLUG, "#error-summary") if CHECK_SLUG in draft.wrong or draft.changed_elsewhere else None


def _suspicion_reasons(fields: dict[str, list[str]]) -> list[str]:
    """Return the reasons to suspect that a program sent the form.

    "quick": the check page was sent too soon after it was opened, or does not say when that was. "trap": a hidden field
    is filled in. "origin": the request does not say from which site it comes.
    """
    age = context.sealer.token_age((fields.get("opened") or [""])[0])
    is_present_by_reason = {
        # A negative age is no reason: the clock was set back, or another web process's clock is ahead.
        "quick": age is None or 0 <= age < MIN_READING_SECONDS,
        "trap": any(value.strip() for value in fields.get("website", ())),
        "origin": request_origin() == "unknown",
    }
    return [reason for reason, is_present in is_present_by_reason.items() if is_present]


def _merge_check_page(draft: Draft, fields: dict[str, list[str]], suspicions: list[str], offers_copy: bool) -> None:
    """Merge the fields of the check page and the suspicions into the draft.

    Also record whether the check page showed outdated answers and, if `offers_copy`, whether the email address for the
    neutral copy is invalid. If the draft is already sent, only record an attempt to change an answer.
    """
    shown_digest = (fields.get("shown") or [""])[0]
    if draft.sent:
        copy_to = (normalise_answer(COPY_TO, fields.get(COPY_TO.name, ())) or [""])[0]
        if shown_digest != draft.sent.digest or copy_to not in ("", draft.sent.copy_to):
            draft.sent.late_change = True
        return
    merge(draft, CHECK_PAGE, fields)
    if offers_copy and not question_form([COPY_TO], draft.answers).validate() and CHECK_SLUG not in draft.wrong:
        draft.wrong.append(CHECK_SLUG)
    draft.changed_elsewhere = shown_digest != digest(draft.answers)
    if draft.changed_elsewhere:
        draft.clear_agreement()
    for reason in suspicions:
        draft.add_suspicion(reason)


def _accept_referral(session: DraftSession, draft: Draft) -> AcceptResult:
    """Compose, encrypt and store the referral, and return the store's result.

    If the client has sent many referrals within an hour, first add the suspicion "many" to the draft.

    Raises StoreUnavailable, CannotSeal, and DraftChanged if another tab has changed the draft.
    """
    has_sent_many = rate_limits.count_referral(context.store, context.sealer, request.remote_addr or "")
    if has_sent_many:
        draft.add_suspicion("many")
    while True:
        try:
            return _accept_with_reference(new_reference(), session, draft)
        except ReferenceTaken:
            continue


def _accept_with_reference(reference: str, session: DraftSession, draft: Draft) -> AcceptResult:
    route = route_of(draft.answers)
    assert route is not None
    language = context.language(draft.language)
    now = time.time()
    message = compose_referral_email(
        draft.answers,
        ReferralDetails(
            reference=reference,
            route=route,
            language=language.english_name,
            sent_at=now,
            flags=flags_of(draft.answers),
            suspicions=tuple(draft.suspicions),
            receipt_url=receipt_url(reference),
        ),
        context.service,
        context.settings,
    )
    sealed_email = context.sealer.seal_for_team(to_bytes(message))
    emails = [
        NewEmail(
            "team", str(message["Message-ID"]), sealed_email.key_id, sealed_email.sealed, context.settings.team_email
        )
    ]
    copy_to = first_value(draft.answers, COPY_TO.name) if context.settings.neutral_from else ""
    client_ip = request.remote_addr or ""
    if copy_to and rate_limits.may_send_copy(context.store, context.sealer, copy_to, client_ip, draft.submission):
        neutral_copy = compose_neutral_copy(
            reference,
            copy_to,
            context.form_url + private_page_path(reference),
            draft.answers,
            language,
            context.service,
            context.settings,
        )
        sealed_copy = context.sealer.seal_at_rest(to_bytes(neutral_copy))
        message_id = str(neutral_copy["Message-ID"])
        emails.append(NewEmail("neutral", message_id, sealed_copy.key_id, sealed_copy.sealed, ("",)))
    draft.sent = SentReferral(reference, now, digest(draft.answers), copy_to)
    new_sealed_draft = draft_keys.seal_draft(session.cookie, draft.to_bytes())
    return context.store.referrals.accept(
        NewReferral(draft.submission, reference, route.value, draft.language, tuple(emails)),
        SentDraft(session.draft_id, session.sealed_draft, new_sealed_draft, CONFIRMATION_LIFETIME),
    )


def private_page_path(reference: str) -> str:
    """Return the signed path of the person's private page, relative to the form's URL."""
    language = current_language()
    query = f"?language={language.code}" if language.code != context.settings.languages[0] else ""
    return f"withdraw/{context.sealer.new_withdrawal_token(reference)}{query}"


@blueprint.get("/referral/done")
def show_done() -> Response:
    """Show the confirmation that the form was sent, or that the referral has been withdrawn since.

    If nothing was sent, redirect to the page to show instead.
    """
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    sent = session.draft.sent
    if sent is None:
        return redirect_to(next_slug(session.draft.answers, session.draft.posted))
    entry = context.store.receipts.entry(sent.reference)
    if entry is not None and entry.withdrawn_at is not None:
        return withdrawal_result_page(sent.reference, WithdrawalResult.ALREADY_WITHDRAWN)
    route, contact_methods = route_of(session.draft.answers), session.draft.answers.get("reach", ())
    return make_response(
        render_page(
            "done.html",
            current_language().say("We have received your form"),
            sent=sent,
            late=sent.late_change,
            link=f"/referral/{private_page_path(sent.reference)}",
            route=route,
            notices=notice_names(session.draft.answers),
            token=context.sealer.form_token(session.cookie),
            they_will_call=NONE_SAFE in contact_methods,
            we_may_call="phone" in contact_methods,
            answers=professional_record_rows(session.draft.answers, sent) if route is Route.PROFESSIONAL else (),
            visible_until=f"{local_time(confirmation_ends_at(sent.at)):%H:%M}",
        )
    )


@blueprint.get("/referral/not-yet")
def show_not_agreed_yet_page() -> Response:
    """Show a referrer how to talk to a person who has not agreed to the referral yet."""
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    if next_slug(session.draft.answers, session.draft.posted) != PAUSE_SLUG:
        return redirect_to(next_slug(session.draft.answers, session.draft.posted))
    return make_response(
        render_page("not-yet.html", current_language().say("Please talk to them first"), back="/referral/consent")
    )
