"""The check page, and the answers as rows for it and for the confirmation."""

from typing import Any

from form_service.config.local_time import local_time
from form_service.referral.journey.answers import (
    AGREEMENTS,
    Answers,
    applies,
    digest,
    questions_for,
    route_of,
    sendable,
)
from form_service.referral.journey.draft import Sent
from form_service.referral.journey.form import question_form
from form_service.referral.journey.steps import CHECK, steps
from form_service.referral.questions import BY_SLUG, COPY_TO, Question
from form_service.web.session import DraftSession, context, current_language
from form_service.web.templating import page
from form_service.web.views.question_pages import back_link, errors_in, notices, step_title

PAGE = BY_SLUG[CHECK]


def rows(answers: Answers) -> list[dict[str, Any]]:
    """Return the answers that apply as rows of the check page, "Not provided" for blanks, with their change links."""
    language, route, sent = current_language(), route_of(answers), sendable(answers)
    found = []
    for step in steps(answers):
        for question in questions_for(step, answers):
            if step is PAGE or not applies(question, answers):
                continue
            place = step.questions.index(question) + 1
            values = sent[question.name]
            if question.choices:
                values = [language.say(choice.label.to(route)) for choice in question.choices if choice.value in values]
            found.append(
                {
                    "label": language.say((question.short or question.label).to(route)),
                    "values": values or [language.say("Not provided")],
                    "is_typed": bool(sent[question.name]) and not question.choices,
                    "change": f"/referral/{step.slug}#a{place}",
                }
            )
    return found


def agreement_for(answers: Answers) -> Question:
    """Return the question whose box agrees to these answers."""
    return next(question for question in PAGE.questions if applies(question, answers))


def record(answers: Answers, sent: Sent) -> list[dict[str, Any]]:
    """Return a professional's record: the recipient, the local day, every answer and the agreement."""
    language, route = current_language(), route_of(answers)
    day = local_time(sent.at).date()
    agreement = agreement_for(answers)
    return [
        {"label": language.say("Sent to"), "values": [str(context.service["name"])]},
        {"label": language.say("Sent on"), "values": [language.day(day)]},
        *rows(answers),
        {"label": language.say("Agreement"), "values": [language.say(agreement.label.to(route))]},
    ]


def check_page(session: DraftSession, extra: list[tuple[str, str]] | None = None) -> str:
    """Return the HTML of the check page. `extra` are errors to show first, as (field name, text)."""
    draft, language = session.open_draft, current_language()
    offers_copy = bool(context.settings.neutral_from)
    questions = (*PAGE.questions, COPY_TO) if offers_copy else PAGE.questions
    form = question_form(questions, draft.answers, language.say)
    wrong = list(extra or [])
    if draft.changed_elsewhere:
        not_sent = language.say(
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
        token=context.sealer.form_token(session.cookie),
        wrong=wrong,
        ids={**dict.fromkeys(AGREEMENTS, "a1"), COPY_TO.name: "a2"},
        agreement=agreement_for(draft.answers),
        copy=COPY_TO if offers_copy else None,
        rows=rows(draft.answers),
        shown=digest(draft.answers),
        opened=context.sealer.sign_time(),
        route=route_of(draft.answers),
        notices=notices(draft.answers),
        not_verified=bool(extra),
        back=back_link(PAGE, draft.answers),
    )
