"""All the answers: as rows, and on the page that shows them before they are sent."""

from typing import Any

from form_service.config.local_time import local_time
from form_service.referral.journey import (
    CHECK,
    Answers,
    Sent,
    applies,
    digest,
    question_form,
    questions_for,
    route_of,
    sendable,
    steps,
)
from form_service.referral.journey.answers import AGREEMENTS
from form_service.referral.questions import BY_SLUG, COPY_TO, Question, Route
from form_service.web.session import DraftSession, app_context, current_language
from form_service.web.templating import page
from form_service.web.views.question_pages import back_link, errors_in, notices, step_title

PAGE = BY_SLUG[CHECK]


def rows(answers: Answers) -> list[dict[str, Any]]:
    """The answers as the check page lists them: what applies, "Not provided" for blanks, with the way to change it."""
    read, route, sent = current_language(), route_of(answers), sendable(answers)
    found = []
    for step in steps(answers):
        for question in questions_for(step, answers):
            if step is PAGE or not applies(question, answers):
                continue
            place = step.questions.index(question) + 1
            found.append(
                {
                    "label": read.say((question.short or question.label).to(route)),
                    "values": _shown(question, sent[question.name], route) or [read.say("Not provided")],
                    "given": bool(sent[question.name]),
                    "change": f"/referral/{step.slug}#a{place}",
                }
            )
    return found


def agreement_for(answers: Answers) -> Question:
    """Return the question whose box agrees to these answers."""
    return next(question for question in PAGE.questions if applies(question, answers))


def record(answers: Answers, sent: Sent) -> list[dict[str, Any]]:
    """What a professional keeps: whom it was sent to and when (the local day), every answer, and the agreement."""
    read, route = current_language(), route_of(answers)
    day = local_time(sent.at).date()
    agreement = agreement_for(answers)
    return [
        {"label": read.say("Sent to"), "values": [str(app_context().service["name"])]},
        {"label": read.say("Sent on"), "values": [read.day(day)]},
        *rows(answers),
        {"label": read.say("Agreement"), "values": [read.say(agreement.label.to(route))]},
    ]


def _shown(question: Question, values: list[str], route: Route | None) -> list[str]:
    read = current_language()
    if not question.choices:
        return values
    return [read.say(choice.label.to(route)) for choice in question.choices if choice.value in values]


def check_page(session: DraftSession, extra: list[tuple[str, str]] | None = None) -> str:
    """The HTML of the check page."""
    context, draft, read = app_context(), session.open_draft, current_language()
    offers_copy = bool(context.settings.neutral_from)
    questions = (*PAGE.questions, COPY_TO) if offers_copy else PAGE.questions
    form = question_form(questions, draft.answers, read.say)
    wrong = list(extra or [])
    if draft.changed_elsewhere:
        not_sent = read.say(
            "Nothing has been sent, because your answers were being changed on another page or in another tab. "
            "Please check them, then send again"
        )
        wrong.append(("", not_sent))
    if CHECK in draft.wrong:
        form.validate()
        wrong += errors_in(form)
    return page(
        "check.html",
        step_title(PAGE, draft.answers, bool(wrong)),
        form=form,
        token=context.seal.form_token(session.cookie),
        wrong=wrong,
        ids={**dict.fromkeys(AGREEMENTS, "a1"), COPY_TO.name: "a2"},
        agreement=agreement_for(draft.answers),
        copy=COPY_TO if offers_copy else None,
        rows=rows(draft.answers),
        shown=digest(draft.answers),
        opened=context.seal.sign_time(),
        route=route_of(draft.answers),
        notices=notices(draft.answers),
        not_believed=bool(extra),
        back=back_link(PAGE, draft.answers),
    )
