"""The check page, and the rows that show the answers on it and on the confirmation."""

from typing import Any

from form_service.config.local_time import local_time
from form_service.referral.journey.answers import (
    AGREEMENT_NAMES,
    Answers,
    answers_to_send,
    applies,
    digest,
    questions_for,
    route_of,
)
from form_service.referral.journey.draft import SentReferral
from form_service.referral.journey.form import question_form
from form_service.referral.journey.steps import CHECK_SLUG, steps
from form_service.referral.questions import COPY_TO, PAGES_BY_SLUG, Question
from form_service.web.session import DraftSession, context, current_language
from form_service.web.templating import render_page
from form_service.web.views.question_pages import answer_row, back_link, field_errors, notice_names, step_title

CHECK_PAGE = PAGES_BY_SLUG[CHECK_SLUG]


def answer_rows(answers: Answers) -> list[dict[str, Any]]:
    """Return the rows of the check page, each with an answer and a link to change it."""
    route, sent_answers = route_of(answers), answers_to_send(answers)
    return [
        answer_row(question, question.short_label or question.label, sent_answers[question.name], route)
        | {"change": f"/referral/{step.slug}#a{step.questions.index(question) + 1}"}
        for step in steps(answers)
        if step is not CHECK_PAGE
        for question in questions_for(step, answers)
        if applies(question, answers)
    ]


def agreement_for(answers: Answers) -> Question:
    """Return the agreement question that applies to these answers."""
    return next(question for question in CHECK_PAGE.questions if applies(question, answers))


def professional_record_rows(answers: Answers, sent_referral: SentReferral) -> list[dict[str, Any]]:
    """Return the rows of the record that a professional can keep after sending a referral."""
    language, route = current_language(), route_of(answers)
    day = local_time(sent_referral.at).date()
    agreement_question = agreement_for(answers)
    return [
        {"label": language.say("Sent to"), "values": [str(context.service["name"])]},
        {"label": language.say("Sent on"), "values": [language.day_text(day)]},
        *answer_rows(answers),
        {"label": language.say("Agreement"), "values": [language.say(agreement_question.label.for_route(route))]},
    ]


def check_page_html(session: DraftSession, extra_errors: list[tuple[str, str]] | None = None) -> str:
    """Return the HTML of the check page.

    `extra_errors` are pairs of field name and text, shown first. An error of the whole page has an empty field name.
    """
    draft, language = session.existing_draft, current_language()
    offers_copy = bool(context.settings.neutral_from)
    questions = (*CHECK_PAGE.questions, COPY_TO) if offers_copy else CHECK_PAGE.questions
    form = question_form(questions, draft.answers, language.say)
    errors = list(extra_errors or [])
    if draft.changed_elsewhere:
        conflict_message = language.say(
            "Nothing has been sent, because your answers were being changed on another page or in another tab. "
            "Please check them, then send them"
        )
        errors.append(("", conflict_message))
    if CHECK_SLUG in draft.wrong:
        form.validate()
        errors += field_errors(form)
    return render_page(
        "check.html",
        step_title(CHECK_PAGE, draft.answers, bool(errors)),
        form=form,
        token=context.sealer.form_token(session.cookie),
        wrong=errors,
        ids={**dict.fromkeys(AGREEMENT_NAMES, "a1"), COPY_TO.name: "a2"},
        agreement=agreement_for(draft.answers),
        copy=COPY_TO if offers_copy else None,
        rows=answer_rows(draft.answers),
        shown=digest(draft.answers),
        opened=context.sealer.new_time_token(),
        route=route_of(draft.answers),
        notices=notice_names(draft.answers),
        not_verified=bool(extra_errors),
        back=back_link(CHECK_PAGE, draft.answers),
    )
