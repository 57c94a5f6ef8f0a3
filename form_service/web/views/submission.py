"""Check your answers, send, and the confirmation."""

import time
from collections.abc import Callable

from flask import Blueprint, Response, make_response, request

from form_service.mail import TeamReferral, compose_neutral, compose_team, to_bytes
from form_service.referral import reference
from form_service.referral.journey import (
    CHECK,
    PAUSE,
    Draft,
    Sent,
    digest,
    first,
    flags_of,
    merge,
    next_slug,
    question_form,
    route_of,
)
from form_service.referral.questions import COPY_TO, Route
from form_service.referral.questions.contact import NONE_SAFE
from form_service.store import (
    Accepted,
    DraftChanged,
    NewMail,
    NewReferral,
    ReferenceTaken,
    SentDraft,
    Withdrawal,
)
from form_service.web import rate_limits
from form_service.web.request_checks import count_page, only_one_cookie, origin
from form_service.web.session import (
    CONFIRMATION_LIVES,
    DraftSession,
    app_context,
    current_language,
    draft_session,
    seconds_left,
)
from form_service.web.templating import page
from form_service.web.views.check_answers import PAGE, check_page, record
from form_service.web.views.question_pages import change_language, is_ours, notices, to, to_start
from form_service.web.views.received import receipt_url
from form_service.web.views.withdrawal import withdrawal_result_page

blueprint = Blueprint("submit", __name__)
blueprint.before_request(only_one_cookie)
# Nobody reads their answers over and ticks a box in less.
QUICK_SECONDS = 1.5
# How often sending looks again when other tabs change the answers under it.
TRIES = 5


@blueprint.get("/referral/check")
def check() -> Response:
    """Every answer with its way back to change it, and the button that sends."""
    session = draft_session()
    if session.draft is None:
        return to_start()
    if session.draft.sent:
        return to("done")
    if chosen := request.args.get("language"):
        return change_language(session, chosen, CHECK)
    ahead = next_slug(session.draft.answers, session.draft.posted)
    if ahead != CHECK:
        return to(ahead)
    return make_response(check_page(session))


@blueprint.post("/referral/check")
def send() -> Response:
    """Send the referral, once, whatever is clicked how often; confirm only what is durably stored."""
    count_page()
    session = draft_session()
    if session.draft is None:
        return to_start()
    fields = request.form.to_dict(flat=False)
    if not is_ours(session, fields):
        if session.draft.sent or next_slug(session.draft.answers, session.draft.posted) != CHECK:
            # Another tab sent the form or began again: there is nothing of this page to send.
            return check()
        again = current_language().say("We could not tell that this came from our page. Please check and send again")
        return make_response(check_page(session, [("", again)]), 400)
    doubts, offers_copy = _suspicion_reasons(fields), bool(app_context().settings.neutral_from)
    return _send(session, lambda kept: _take_in(kept, fields, doubts, offers_copy))


def _send(session: DraftSession, take_in: Callable[[Draft], None]) -> Response:
    """Try until no other tab is in between; somebody who never gets a try to themselves is told that nothing was sent.

    `take_in` notes in the draft what the check page sent.
    """
    for _ in range(TRIES):
        draft = session.change(take_in)
        if draft is None:
            return to_start()
        if (elsewhere := _not_to_send(draft)) is not None:
            return elsewhere
        try:
            accepted = _accept(session, draft)
        except DraftChanged:
            continue  # another tab was in between: look again at what is there now
        if not accepted.is_new:
            # Another click was faster: what it sent stands, and this one only looks whether it wanted the same.
            session.change(take_in)
        return to("done")

    def give_up(kept: Draft) -> None:
        take_in(kept)
        kept.changed_elsewhere = True

    draft = session.change(give_up)
    return to_start() if draft is None else _not_to_send(draft) or to(CHECK)


def _not_to_send(draft: Draft) -> Response | None:
    """Where the person goes instead when there is nothing to send as it is."""
    if draft.sent:
        return to("done")
    if (ahead := next_slug(draft.answers, draft.posted)) != CHECK:
        return to(ahead)
    return to(CHECK, "#error-summary") if CHECK in draft.wrong or draft.changed_elsewhere else None


def _suspicion_reasons(fields: dict[str, list[str]]) -> list[str]:
    """What makes this request unlike a person's: too quick, a box filled that nobody sees, from who knows where."""
    age = app_context().seal.age_of((fields.get("opened") or [""])[0])
    found = {
        # Before it was made: the clock was set back, or another web process's is ahead.
        "quick": age is None or 0 <= age < QUICK_SECONDS,
        "trap": any(value.strip() for value in fields.get("website", ())),
        "origin": origin() == "unknown",
    }
    return [name for name, is_so in found.items() if is_so]


def _take_in(draft: Draft, fields: dict[str, list[str]], doubts: list[str], offers_copy: bool) -> None:
    """Note what the check page sent: agreement, copy, and whether the answers are those that it showed.

    An address that was typed while a copy was offered is no mistake once there is no field to mend it in.
    """
    shown = (fields.get("shown") or [""])[0]
    if draft.sent:
        copy_to = (fields.get(COPY_TO.name) or [""])[0].strip()
        if shown != draft.sent.digest or copy_to not in ("", draft.sent.copy_to):
            draft.sent.late_change = True
        return
    merge(draft, PAGE, fields)
    if offers_copy and not question_form([COPY_TO], draft.answers).validate() and CHECK not in draft.wrong:
        draft.wrong.append(CHECK)
    draft.changed_elsewhere = shown != digest(draft.answers)
    if draft.changed_elsewhere:
        draft.drop_agreement()
    for name in doubts:
        draft.add_suspicion(name)


def _accept(session: DraftSession, draft: Draft) -> Accepted:
    """Compose, seal and store. Raises StoreUnavailable: then nothing was received, and the draft is as it was."""
    context = app_context()
    if rate_limits.sends_many(context.store, context.seal, request.remote_addr or ""):
        draft.add_suspicion("many")
    while True:
        name = reference.new()
        try:
            return _accept_as(name, session, draft)
        except ReferenceTaken:
            continue


def _accept_as(name: str, session: DraftSession, draft: Draft) -> Accepted:
    context = app_context()
    route = route_of(draft.answers)
    assert route is not None
    read = context.language(draft.language)
    now = time.time()
    letter = compose_team(
        draft.answers,
        TeamReferral(
            reference=name,
            route=route,
            language=read.english_name,
            sent_at=now,
            flags=flags_of(draft.answers),
            suspicions=tuple(draft.suspicions),
            receipt_url=receipt_url(name),
        ),
        context.service,
        context.settings,
    )
    sealed = context.seal.seal_for_team(to_bytes(letter))
    mails = [NewMail("team", str(letter["Message-ID"]), sealed.key_id, sealed.sealed, context.settings.team_email)]
    copy_to = first(draft.answers, COPY_TO.name).strip() if context.settings.neutral_from else ""
    client = request.remote_addr or ""
    if copy_to and rate_limits.may_have_copy(context.store, context.seal, copy_to, client, draft.submission):
        copy = compose_neutral(
            name, copy_to, context.form_url + withdraw_path(name), read, context.service, context.settings
        )
        own = context.seal.seal_at_rest(to_bytes(copy))
        mails.append(NewMail("neutral", str(copy["Message-ID"]), own.key_id, own.sealed, ("",)))
    draft.sent = Sent(name, now, digest(draft.answers), copy_to)
    after = context.seal.seal_draft(session.cookie, draft.to_bytes())
    return context.store.referrals.accept(
        NewReferral(draft.submission, name, route.value, draft.language, tuple(mails)),
        SentDraft(session.draft_id, session.sealed, after, CONFIRMATION_LIVES),
    )


def withdraw_path(name: str) -> str:
    """Where the page to change one's mind stands below the form's address, in the language of this page."""
    context, read = app_context(), current_language()
    other = f"?language={read.code}" if read.code != context.settings.languages[0] else ""
    return f"withdraw/{context.seal.sign_withdrawal(name)}{other}"


@blueprint.get("/referral/done")
def done() -> Response:
    """The confirmation, the same however often it is looked at, for 60 minutes."""
    session = draft_session()
    if session.draft is None:
        return to_start()
    sent = session.draft.sent
    if sent is None:
        return to(next_slug(session.draft.answers, session.draft.posted))
    if chosen := request.args.get("language"):
        return change_language(session, chosen, "done")
    if app_context().store.referrals.is_withdrawn(sent.reference):
        return withdrawal_result_page(sent.reference, Withdrawal.ALREADY)
    route = route_of(session.draft.answers)
    return make_response(
        page(
            "done.html",
            current_language().say("We have received it"),
            sent=sent,
            late=sent.late_change,
            link=f"/referral/{withdraw_path(sent.reference)}",
            route=route,
            notices=notices(session.draft.answers),
            token=app_context().seal.form_token(session.cookie),
            they_will_call=NONE_SAFE in session.draft.answers.get("reach", ()),
            answers=record(session.draft.answers, sent) if route is Route.PROFESSIONAL else (),
            minutes=max(1, round(seconds_left(sent.at) / 60)),
        )
    )


@blueprint.get("/referral/not-yet")
def not_yet() -> Response:
    """Where somebody is taken whom the person has not told yes: what to say to them, and whom to reach."""
    session = draft_session()
    if session.draft is None:
        return to_start()
    if next_slug(session.draft.answers, session.draft.posted) != PAUSE:
        return to(next_slug(session.draft.answers, session.draft.posted))
    if chosen := request.args.get("language"):
        return change_language(session, chosen, PAUSE)
    return make_response(
        page("not-yet.html", current_language().say("Please talk with them first"), back="/referral/consent")
    )
