"""The question pages: GET shows one, and POST keeps what was typed, valid or not."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request
from wtforms.form import BaseForm

from form_service.referral.journey.answers import Answers, applies, is_required, questions_for, route_of
from form_service.referral.journey.draft import Draft, as_answer, merge, voice_of
from form_service.referral.journey.form import question_form
from form_service.referral.journey.steps import PAUSE, next_slug, previous_slug, steps
from form_service.referral.questions import BY_SLUG, Page, Question, Route
from form_service.referral.questions.model import FOR_ANOTHER
from form_service.web.request_checks import count_page, is_cross_site, only_one_cookie
from form_service.web.session import DraftSession, context, current_language, draft_session
from form_service.web.templating import page as rendered


def redirect_to(slug: str = "", fragment: str = "") -> Response:
    """Redirect with a GET to a page of the form, by default its start, so that Back and refresh send nothing twice."""
    return make_response(redirect(f"/referral/{slug}{fragment}", 303))


def change_language() -> Response | None:
    """Store the language that a link asks for in the draft, if there is a draft, and show the page in it."""
    code = request.args.get("language")
    if not code or request.method == "POST" or draft_session().draft is None:
        return None

    def change(draft: Draft) -> None:
        draft.language = code

    if code in context.settings.languages:
        draft_session().change(change)
    return make_response(redirect(request.path, 303))


blueprint = Blueprint("pages", __name__)
blueprint.before_request(only_one_cookie)
blueprint.before_request(change_language)


@blueprint.get("/referral/<slug>")
def show(slug: str) -> Response:
    """Show a question page, with the errors of what was last sent from it."""
    wanted = BY_SLUG.get(slug) or abort(404)
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    if session.draft.sent:
        return redirect_to("done")
    if not _is_reachable(wanted, session.draft):
        return redirect_to(next_slug(session.draft.answers, session.draft.posted))
    return make_response(question_page(wanted, session, session.draft.answers, with_errors=slug in session.draft.wrong))


@blueprint.post("/referral/<slug>")
def save(slug: str) -> Response:
    """Keep what was sent, then go to the next page that needs an answer, or back to the errors."""
    page = BY_SLUG.get(slug) or abort(404)
    count_page()
    session = draft_session()
    if session.draft is None:
        return redirect_to()
    fields = request.form.to_dict(flat=False)
    if not is_from_our_page(session, fields):
        return _ask_again(session, page, fields)
    changed = session.change(lambda draft: merge_page(draft, page, fields))
    if changed is None:
        return redirect_to()
    if changed.sent:
        return redirect_to("done")
    if slug in changed.wrong:
        return redirect_to(slug, "#error-summary")
    return redirect_to(next_slug(changed.answers, changed.posted))


def merge_page(draft: Draft, page: Page, fields: dict[str, list[str]]) -> None:
    """Merge a page into the draft. After sending, only note that something would have changed."""
    if draft.sent is None:
        merge(draft, page, fields)
    elif differs(draft, page, fields):
        draft.sent.late_change = True


def differs(draft: Draft, page: Page, fields: dict[str, list[str]]) -> bool:
    """Return whether `fields` would change an answer that was sent."""
    return any(
        as_answer(question, fields.get(question.name, ())) != list(draft.answers.get(question.name, ()))
        for question in page.questions
        if applies(question, draft.answers)
    )


def is_from_our_page(session: DraftSession, fields: dict[str, list[str]]) -> bool:
    """Return whether a page of this draft sent these fields, and no other site."""
    token = (fields.get("token") or [""])[0]
    return context.sealer.is_form_token_valid(session.cookie, token) and not is_cross_site()


def _is_reachable(page: Page, draft: Draft) -> bool:
    """Return whether the page is on the person's route and every page before it is complete."""
    ahead = next_slug(draft.answers, draft.posted)
    slugs = [step.slug for step in steps(draft.answers)]
    last = slugs.index("consent" if ahead == PAUSE else ahead)
    return page.slug in slugs[: last + 1]


def _ask_again(session: DraftSession, page: Page, fields: dict[str, list[str]]) -> Response:
    """Show the page again with what was typed and a valid token, without keeping anything."""
    answers = dict(session.open_draft.answers)
    typed = {question: as_answer(question, fields.get(question.name, ())) for question in page.questions}
    on_page = questions_for(page, answers)
    if any(values and question not in on_page for question, values in typed.items()):
        return _offer_to_keep(session, page, {question: values for question, values in typed.items() if values})
    if not on_page:
        return redirect_to(next_slug(answers, session.open_draft.posted))
    answers |= {question.name: values for question, values in typed.items()}
    again = current_language().say(
        "Sorry, something went wrong. What you typed is still here. Please press Continue again"
    )
    return make_response(question_page(page, session, answers, not_verified=again), 400)


def _offer_to_keep(session: DraftSession, page: Page, typed: dict[Question, list[str]]) -> Response:
    """Show what was typed on a page that another tab's change of route has removed, and offer to keep it."""
    draft, language = session.open_draft, current_language()
    route = route_of(draft.answers)
    rows = []
    for question, values in typed.items():
        picked = [language.say(choice.label.to(route)) for choice in question.choices if choice.value in values]
        rows.append({"label": question.label.to(route), "values": picked or values, "is_typed": not picked})
    html = rendered(
        "keep.html",
        step_title(page, draft.answers, True),
        rows=rows,
        token=context.sealer.form_token(session.cookie),
        typed=[(question.name, value) for question, values in typed.items() for value in values],
        ahead=next_slug(draft.answers, draft.posted),
    )
    return make_response(html, 400)


def question_page(
    page: Page, session: DraftSession, answers: Answers, with_errors: bool = False, not_verified: str = ""
) -> str:
    """Return the HTML of a question page. `not_verified` says why what was posted was not kept."""
    route = route_of(answers)
    questions = questions_for(page, answers)
    form = question_form(questions, answers, current_language().say)
    if with_errors:
        form.validate()
    wrong = ([("", not_verified)] if not_verified else []) + errors_in(form)
    heading = page.heading.to(route) if page.heading else None
    return rendered(
        "question.html",
        step_title(page, answers, bool(wrong)),
        form=form,
        token=context.sealer.form_token(session.cookie),
        wrong=wrong,
        ids={question.name: f"a{place}" for place, question in enumerate(page.questions, 1)},
        questions=[(question, is_optional(question, answers)) for question in questions if question.when is None],
        revealed=revealed_questions(questions, answers),
        heading=heading,
        intro=page.intro.to(route) if page.intro else None,
        progress=progress(page, answers),
        route=route,
        voice=voice_of(answers),
        notices=notices(answers) if page.slug == ("view" if route is Route.RESPONSIBLE else "reach") else (),
        with_what_to_say=page.slug == "consent",
        not_verified=bool(not_verified),
        back=back_link(page, answers),
    )


def errors_in(form: BaseForm) -> list[tuple[str, str]]:
    """Return the name and first error of each field that has one, in page order."""
    return [(field.name, str(field.errors[0])) for field in form if field.errors]


def back_link(page: Page, answers: Answers) -> str:
    """Return the path of the page before."""
    slug = previous_slug(page.slug, answers)
    return f"/referral/{slug}" if slug else "/referral/"


def progress(page: Page, answers: Answers) -> tuple[int, int]:
    """Return the number of the page among the steps, and how many there are: 0 while that is unknown."""
    slugs = [step.slug for step in steps(answers)]
    return (slugs.index(page.slug) + 1, len(slugs)) if page.slug in slugs and len(slugs) > 1 else (1, 0)


def step_title(page: Page, answers: Answers, wrong: bool) -> str:
    """Return a title such as "Step 3 of 7: how to be in touch", which gives nothing away."""
    language = current_language()
    step, last = progress(page, answers)
    title = language.say(page.title)
    if last:
        title = language.say("Step {step} of {steps}: {title}", step=step, steps=last, title=title)
    else:
        title = language.say("Step {step}: {title}", step=1, title=title)
    return f"{language.say('Error:')} {title}" if wrong else title


def notices(answers: Answers) -> list[str]:
    """Return the names of the notices for people under 18 and for people responsible."""
    route = route_of(answers)
    found = []
    if "under_18" in answers.get("age", ()):
        found.append("they_are_under_18" if route in FOR_ANOTHER else "under_18")
    if route is Route.RESPONSIBLE:
        found.append("responsible")
    elif route in FOR_ANOTHER and "responsible" in answers.get("side", ()):
        found.append("they_are_responsible")
    return found


def is_optional(question: Question, answers: Answers) -> bool:
    """Return whether a page says that the question may be left blank."""
    return not is_required(question, answers) and question.blank_means is None


def revealed_questions(questions: tuple[Question, ...], answers: Answers) -> dict[tuple[str, str], list[Any]]:
    """Return the questions that each choice reveals, and whether each is optional, by question and choice."""
    found: dict[tuple[str, str], list[Any]] = {}
    for question in questions:
        if question.when is not None:
            key = (question.when.question, question.when.value)
            found.setdefault(key, []).append((question, is_optional(question, answers)))
    return found
