"""The start page, and the views that begin a draft."""

from flask import Blueprint, Response, current_app, make_response, redirect, request

from form_service.referral.journey.answers import route_of
from form_service.referral.journey.steps import next_slug
from form_service.referral.questions import QUESTIONS, Route
from form_service.web.request_checks import cookie_problem_page, count_page, is_cross_site, refuse_several_cookies
from form_service.web.session import begin_draft, context, current_language, draft_cookies, draft_session, set_cookie
from form_service.web.templating import render_page
from form_service.web.views.question_pages import change_language, is_from_our_page, redirect_to

blueprint = Blueprint("start", __name__)
blueprint.before_request(refuse_several_cookies)
blueprint.before_request(change_language)


@blueprint.route("/referral", methods=["GET", "POST"])
def redirect_to_slash() -> Response:
    """Redirect to /referral/, because the cookie is valid only below that path."""
    # Werkzeug's own redirect would trust the Host header.
    return _redirect_permanently("/referral/")


@blueprint.before_app_request
def redirect_mistyped_url() -> Response | None:
    """Redirect to the correct URL if the start page's URL has capitals or another page's URL has a final slash.

    Return None for all other URLs.
    """
    path = request.path
    if path.lower() in ("/referral", "/referral/"):
        return None if path.islower() else _redirect_permanently("/referral/")
    has_final_slash = path.startswith("/referral/") and path.endswith("/")
    return _redirect_permanently(path.rstrip("/")) if has_final_slash else None


def _redirect_permanently(path: str) -> Response:
    """Redirect to `path` with status 308, and keep the request's query string."""
    query = request.query_string.decode("latin-1")
    return make_response(redirect(f"{path}?{query}" if query else path, 308))


@blueprint.get("/referral/")
def start(is_from_elsewhere: bool = False) -> Response:
    """Show the start page or, while the form is closed, a page that says so.

    `is_from_elsewhere`: the person pressed Start on another site's page.
    """
    if context.sealer.problem() is not None:
        # Nobody should type into a form that could not be encrypted for the team afterwards.
        return make_response(render_page("closed.html", current_language().say("Please contact us another way")), 503)
    session = draft_session()
    return make_response(
        render_page(
            "start.html",
            current_language().say("Before you start"),
            unsent=session.draft is not None and session.draft.sent is None,
            sent=session.draft.sent if session.draft else None,
            cleared=bool(session.cookie) and session.draft is None,
            elsewhere=context.form_url if is_from_elsewhere else "",
            call_as_well=current_app.extensions.get("visitor_notice", bool)(),
        )
    )


@blueprint.post("/referral/")
def begin() -> Response:
    """Begin a new draft with a new cookie, and delete this browser's earlier draft.

    Show the start page instead if the form is closed or another site sent the request.
    """
    if (is_from_elsewhere := is_cross_site()) or context.sealer.problem() is not None:
        return start(is_from_elsewhere)
    count_page()
    earlier_session = draft_session()
    _ = request.form  # refuses an unreadable or too large body before anything begins
    language_code = current_language().code
    cookie = begin_draft(language_code)
    if earlier_session.draft is not None:
        context.store.drafts.wipe(earlier_session.draft_id)
    response = redirect_to("begin")
    set_cookie(response, cookie)
    return response


@blueprint.get("/referral/begin")
def check_cookie_was_kept() -> Response:
    """Redirect to the next page of the form, or explain that the browser did not keep the cookie.

    If the browser sends a cookie without a draft, redirect to the start page.
    """
    session = draft_session()
    if session.draft is not None:
        return redirect_to(next_slug(session.draft.answers, session.draft.posted))
    if draft_cookies():
        return redirect_to()
    return cookie_problem_page()


@blueprint.post("/referral/next")
def begin_next_referral() -> Response:
    """Begin a professional's next referral, keeping only the answers about the professional.

    If this browser has not just sent a professional's referral, redirect to the start page.
    """
    session = draft_session()
    draft = session.draft
    if draft is None or not draft.sent or route_of(draft.answers) is not Route.PROFESSIONAL:
        return redirect_to()
    if not is_from_our_page(session, request.form.to_dict(flat=False)):
        return redirect_to("done")
    count_page()
    professional_answers = {
        question.name: draft.answers.get(question.name, []) for question in QUESTIONS if question.is_about_writer
    }
    cookie = begin_draft(
        draft.language, {"who": [Route.PROFESSIONAL], **professional_answers}, posted_slugs=("who", "you")
    )
    context.store.drafts.wipe(session.draft_id)
    response = redirect_to("begin")
    set_cookie(response, cookie)
    return response
