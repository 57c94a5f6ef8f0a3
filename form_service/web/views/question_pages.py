"""The question pages: GET shows a page, and POST stores what was typed, valid or not."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request
from wtforms.form import BaseForm

from form_service.referral.journey.answers import Answers, applies, is_required, questions_for, route_of
from form_service.referral.journey.draft import Draft, merge, normalise_answer, voice_of
from form_service.referral.journey.form import question_form
from form_service.referral.journey.steps import PAUSE_SLUG, next_slug, previous_slug, steps
from form_service.referral.questions import PAGES_BY_SLUG, Page, Question, Route, Words
from form_service.referral.questions.model import REFERRERS
from form_service.web.request_checks import count_page, is_cross_site, is_prefetch, refuse_several_cookies
from form_service.web.session import DraftSession, context, current_language, draft_session
from form_service.web.templating import render_page


def redirect_to(slug: str = "", fragment: str = "") -> Response:
    """Redirect to a page of the form, by default the start page. A `fragment` begins with "#".

    The status is 303, so that the browser's Back and Reload buttons do not repeat a POST.
    """
    return make_response(redirect(f"/referral/{slug}{fragment}", 303))


def change_language() -> Response | None:
    """Change the draft's language to the one in the URL's query, and redirect to the URL without the query.

    If the form is not offered in that language, the draft keeps its own. A prefetch is refused and changes nothing.
    Return None if the request is not a GET, the query contains no language or there is no draft.
    """
    language_code = request.args.get("language")
    if not language_code or request.method != "GET" or draft_session().draft is None:
        return None
    if is_prefetch():
        return make_response("", 503)

    def set_language(draft: Draft) -> None:
        draft.language = language_code

    if language_code in context.settings.languages:
        draft_session().change(set_language)
    return make_response(redirect(request.path, 303))


blueprint = Blueprint("pages", __name__)
blueprint.before_request(refuse_several_cookies)
blueprint.before_request(change_language)


@blueprint.get("/referral/<slug>")
def show_question_page(slug: str) -> Response:
    """Show a question page, with its errors if it was last posted with errors.

    If the page cannot be shown now, redirect to one that can.
    """
    page = PAGES_BY_SLUG.get(slug) or abort(404)
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    if session.draft.sent:
        return redirect_to("done")
    if not _is_reachable(page, session.draft):
        return redirect_to(next_slug(session.draft.answers, session.draft.posted))
    return make_response(
        question_page_html(page, session, session.draft.answers, with_errors=slug in session.draft.wrong)
    )


@blueprint.post("/referral/<slug>")
def save_answers(slug: str) -> Response:
    """Store the posted fields, then redirect to the next page, or back to this page if the fields contain errors.

    If the fields do not come from a page of this draft, store nothing. If the draft was already sent, redirect to the
    confirmation.
    """
    page = PAGES_BY_SLUG.get(slug) or abort(404)
    count_page()
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    fields = request.form.to_dict(flat=False)
    if not is_from_our_page(session, fields):
        return _show_page_again(session, page, fields)
    changed_draft = session.change(lambda draft: merge_page(draft, page, fields))
    if changed_draft is None:
        return redirect_to()
    if changed_draft.sent:
        return redirect_to("done")
    if slug in changed_draft.wrong:
        return redirect_to(slug, "#error-summary")
    return redirect_to(next_slug(changed_draft.answers, changed_draft.posted))


def merge_page(draft: Draft, page: Page, fields: dict[str, list[str]]) -> None:
    """Merge the fields of a page into the draft.

    If the draft is already sent, only record an attempt to change an answer.
    """
    if draft.sent is None:
        merge(draft, page, fields)
    elif changes_sent_answer(draft, page, fields):
        draft.sent.late_change = True


def changes_sent_answer(draft: Draft, page: Page, fields: dict[str, list[str]]) -> bool:
    """Return whether `fields` would change an answer that has already been sent."""
    return any(
        normalise_answer(question, fields.get(question.name, ())) != list(draft.answers.get(question.name, ()))
        for question in page.questions
        if applies(question, draft.answers)
    )


def is_from_our_page(session: DraftSession, fields: dict[str, list[str]]) -> bool:
    """Return whether the fields come from a page of this draft, not from another site or an earlier draft."""
    token = (fields.get("token") or [""])[0]
    return context.sealer.is_form_token_valid(session.cookie, token) and not is_cross_site()


def _is_reachable(page: Page, draft: Draft) -> bool:
    """Return whether the form shows `page` for the draft's answers, and all pages before it are complete."""
    next_page_slug = next_slug(draft.answers, draft.posted)
    slugs = [step.slug for step in steps(draft.answers)]
    last_index = slugs.index("consent" if next_page_slug == PAUSE_SLUG else next_page_slug)
    return page.slug in slugs[: last_index + 1]


def _show_page_again(session: DraftSession, page: Page, fields: dict[str, list[str]]) -> Response:
    """Show the page again with the typed answers, after a request that fails `is_from_our_page`. Store nothing.

    If the page no longer asks one of the answered questions, offer to keep the typed answers instead. If nothing was
    typed and the page no longer asks any question, redirect to the next page.
    """
    answers = dict(session.existing_draft.answers)
    typed_answers = {question: normalise_answer(question, fields.get(question.name, ())) for question in page.questions}
    shown_questions = questions_for(page, answers)
    if any(values and question not in shown_questions for question, values in typed_answers.items()):
        return _offer_to_keep_answers(
            session, page, {question: values for question, values in typed_answers.items() if values}
        )
    if not shown_questions:
        return redirect_to(next_slug(answers, session.existing_draft.posted))
    answers |= {question.name: values for question, values in typed_answers.items()}
    message = current_language().say(
        "Sorry, something went wrong. What you typed is still here. Please press Continue again"
    )
    return make_response(question_page_html(page, session, answers, error_message=message), 400)


def answer_row(question: Question, label: Words, values: list[str], route: Route | None) -> dict[str, Any]:
    """Return what a template needs to show one answer: its label, its values, and whether it was typed.

    A choice is shown by its label, and a blank answer as "Not provided".
    """
    say = current_language().say
    choice_labels = [say(choice.label.for_route(route)) for choice in question.choices if choice.value in values]
    return {
        "label": say(label.for_route(route)),
        "values": choice_labels or values or [say("Not provided")],
        "is_typed": bool(values) and not question.choices,
    }


def _offer_to_keep_answers(session: DraftSession, page: Page, typed_answers: dict[Question, list[str]]) -> Response:
    """Show the answers that were typed on an outdated page, and offer to keep them.

    Another tab has changed the answer to question 1, so some of the page's questions are no longer asked.
    """
    draft = session.existing_draft
    route = route_of(draft.answers)
    html = render_page(
        "keep.html",
        step_title(page, draft.answers, True),
        rows=[answer_row(question, question.label, values, route) for question, values in typed_answers.items()],
        token=context.sealer.form_token(session.cookie),
        typed=[(question.name, value) for question, values in typed_answers.items() for value in values],
        ahead=next_slug(draft.answers, draft.posted),
    )
    return make_response(html, 400)


def question_page_html(
    page: Page, session: DraftSession, answers: Answers, with_errors: bool = False, error_message: str = ""
) -> str:
    """Return the HTML of a question page.

    `with_errors`: show what is wrong with the answers. `error_message`, if any, is shown first.
    """
    route = route_of(answers)
    questions = questions_for(page, answers)
    form = question_form(questions, answers, current_language().say)
    if with_errors:
        form.validate()
    errors = ([("", error_message)] if error_message else []) + field_errors(form)
    heading = page.heading.for_route(route) if page.heading else None
    return render_page(
        "question.html",
        step_title(page, answers, bool(errors)),
        form=form,
        token=context.sealer.form_token(session.cookie),
        wrong=errors,
        ids={question.name: f"a{position}" for position, question in enumerate(page.questions, 1)},
        questions=[(question, is_optional(question, answers)) for question in questions if question.when is None],
        revealed=revealed_questions(questions, answers),
        heading=heading,
        intro=page.intro.for_route(route) if page.intro else None,
        progress=progress(page, answers),
        route=route,
        voice=voice_of(answers),
        notices=notice_names(answers) if page.slug == ("view" if route is Route.RESPONSIBLE else "reach") else (),
        with_what_to_say=page.slug == "consent",
        not_verified=bool(error_message),
        back=back_link(page, answers),
    )


def field_errors(form: BaseForm) -> list[tuple[str, str]]:
    """Return the name and the first error of each field that has errors, in page order."""
    return [(field.name, str(field.errors[0])) for field in form if field.errors]


def back_link(page: Page, answers: Answers) -> str:
    """Return the path to which the Back link on `page` leads: that of the previous page or of the start page."""
    slug = previous_slug(page.slug, answers)
    return f"/referral/{slug}" if slug else "/referral/"


def progress(page: Page, answers: Answers) -> tuple[int, int]:
    """Return the position of the page, counted from 1, and the number of pages.

    Return (1, 0) before question 1 is answered, and for a page that the form does not show.
    """
    slugs = [step.slug for step in steps(answers)]
    return (slugs.index(page.slug) + 1, len(slugs)) if page.slug in slugs and len(slugs) > 1 else (1, 0)


def step_title(page: Page, answers: Answers, has_errors: bool) -> str:
    """Return the HTML title of a page, such as "Step 3 of 7: getting in touch", after "Error:" if `has_errors`."""
    language = current_language()
    step, step_count = progress(page, answers)
    title = language.say(page.title)
    if step_count:
        title = language.say("Step {step} of {steps}: {title}", step=step, steps=step_count, title=title)
    else:
        title = language.say("Step {step}: {title}", step=1, title=title)
    return f"{language.say('Error:')} {title}" if has_errors else title


def notice_names(answers: Answers) -> list[str]:
    """Return the names of the notices to show, about being under 18 or having caused harm."""
    route = route_of(answers)
    names = []
    if "under_18" in answers.get("age", ()):
        names.append("they_are_under_18" if route in REFERRERS else "under_18")
    if route is Route.RESPONSIBLE:
        names.append("responsible")
    elif route in REFERRERS and "responsible" in answers.get("side", ()):
        names.append("they_are_responsible")
    return names


def is_optional(question: Question, answers: Answers) -> bool:
    """Return whether to mark the question as optional."""
    return not is_required(question, answers) and question.blank_means is None


def revealed_questions(questions: tuple[Question, ...], answers: Answers) -> dict[tuple[str, str], list[Any]]:
    """Return the questions that each choice reveals, each with whether it is optional.

    A key is the name of the choice's question and the value of the choice.
    """
    questions_by_choice: dict[tuple[str, str], list[Any]] = {}
    for question in questions:
        if question.when is not None:
            key = (question.when.question_name, question.when.value)
            questions_by_choice.setdefault(key, []).append((question, is_optional(question, answers)))
    return questions_by_choice
