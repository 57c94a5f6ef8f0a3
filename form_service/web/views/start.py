"""The page before the form, and its start."""

from flask import Blueprint, Response, current_app, make_response, redirect, request

from form_service.referral.journey.answers import route_of
from form_service.referral.journey.steps import next_slug
from form_service.referral.questions import QUESTIONS, Route
from form_service.web.request_checks import count_page, is_cross_site, no_cookie, only_one_cookie
from form_service.web.session import begin_draft, context, cookies, current_language, draft_session, set_cookie
from form_service.web.templating import page
from form_service.web.views.question_pages import change_language, is_from_our_page, redirect_to

blueprint = Blueprint("start", __name__)
blueprint.before_request(only_one_cookie)
blueprint.before_request(change_language)


@blueprint.route("/referral", methods=["GET", "POST"])
def redirect_to_slash() -> Response:
    """Redirect to the cookie's path, POST too: werkzeug's own redirect would follow the Host header."""
    return _redirect_permanently("/referral/")


@blueprint.before_app_request
def redirect_mistyped_url() -> Response | None:
    """Redirect the start page typed in capitals, as from a printed leaflet, and other pages with a slash at the end."""
    path = request.path
    if path.lower() in ("/referral", "/referral/"):
        return None if path.islower() else _redirect_permanently("/referral/")
    is_form_path = path.startswith("/referral/") and path.endswith("/")
    return _redirect_permanently(path.rstrip("/")) if is_form_path else None


def _redirect_permanently(path: str) -> Response:
    """Redirect to a path with the request's query string; the browser repeats a POST there."""
    query = request.query_string.decode("latin-1")
    return make_response(redirect(f"{path}?{query}" if query else path, 308))


@blueprint.get("/referral/")
def start(elsewhere: bool = False) -> Response:
    """Show the start page: what is asked, how long it takes and what leaving does. It sets no cookie.

    `elsewhere`: Start was pressed on another site's page or under another host name, and did nothing.
    """
    if context.sealer.problem() is not None:
        # Nobody should type into a form that could not be encrypted for the team afterwards.
        return make_response(page("closed.html", current_language().say("Please contact us another way")), 503)
    session = draft_session()
    return make_response(
        page(
            "start.html",
            current_language().say("Before you start"),
            unsent=session.draft is not None and session.draft.sent is None,
            sent=session.draft.sent if session.draft else None,
            cleared=bool(session.cookie) and session.draft is None,
            elsewhere=context.form_url if elsewhere else "",
            call_as_well=current_app.extensions.get("visitor_notice", bool)(),
        )
    )


@blueprint.post("/referral/")
def begin() -> Response:
    """Begin a new draft under a new cookie, and delete an earlier draft of this browser."""
    if (elsewhere := is_cross_site()) or context.sealer.problem() is not None:
        return start(elsewhere)
    count_page()
    earlier = draft_session()
    _ = request.form  # refuses an unreadable or too large body before anything begins
    code = current_language().code
    cookie = begin_draft(code)
    if earlier.draft is not None:
        context.store.drafts.wipe(earlier.draft_id)
    response = redirect_to("begin")
    set_cookie(response, cookie)
    return response


@blueprint.get("/referral/begin")
def check_cookie_kept() -> Response:
    """Go to the first page, or explain when the browser did not keep the cookie."""
    session = draft_session()
    if session.draft is not None:
        return redirect_to(next_slug(session.draft.answers, session.draft.posted))
    if cookies():
        return redirect_to()
    return no_cookie()


@blueprint.post("/referral/next")
def begin_next_referral() -> Response:
    """Begin a professional's next referral: their own details are kept, the other person's are not."""
    session = draft_session()
    draft = session.draft
    if draft is None or not draft.sent or route_of(draft.answers) is not Route.PROFESSIONAL:
        return redirect_to()
    if not is_from_our_page(session, request.form.to_dict(flat=False)):
        return redirect_to("done")
    count_page()
    own = {question.name: draft.answers.get(question.name, []) for question in QUESTIONS if question.of_writer}
    cookie = begin_draft(draft.language, {"who": [Route.PROFESSIONAL], **own}, posted=("who", "you"))
    context.store.drafts.wipe(session.draft_id)
    response = redirect_to("begin")
    set_cookie(response, cookie)
    return response
