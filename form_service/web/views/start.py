"""The page before the form, and its start."""

from flask import Blueprint, Response, make_response, redirect, request

from form_service.referral.journey import next_slug
from form_service.web.request_checks import comes_from_elsewhere, count_page, no_cookie, only_one_cookie
from form_service.web.session import begin, cookies, front_door, reading, set_cookie, visit
from form_service.web.templating import page
from form_service.web.views.question_pages import change_language

blueprint = Blueprint("start", __name__)
blueprint.before_request(only_one_cookie)


@blueprint.route("/referral", methods=["GET", "POST"])
def without_slash() -> Response:
    """The cookie's path ends with a slash, so the form's address does too.

    POST as well, because werkzeug's own redirect would lead to whatever the Host header names.
    """
    return make_response(redirect("/referral/", 308))


@blueprint.get("/referral/")
def start(elsewhere: bool = False) -> Response:
    """What is asked, how long it takes, what leaving does and does not do. It gives nobody a cookie.

    `elsewhere`: Start was pressed on another site's page, or on this one under another name, and did nothing.
    """
    front = front_door()
    if front.seal.problem() is not None:
        # Nobody may type into a form that could not be sealed to the team afterwards.
        return make_response(page("closed.html", reading().say("Please contact us another way")), 503)
    seen = visit()
    if seen.draft is not None and (chosen := request.args.get("language")):
        return change_language(seen, chosen, "")
    return make_response(
        page(
            "start.html",
            reading().say("Before you start"),
            unsent=seen.draft is not None and seen.draft.sent is None,
            sent=seen.draft.sent if seen.draft else None,
            cleared=bool(seen.cookie) and seen.draft is None,
            elsewhere=front.form_url if elsewhere else "",
        )
    )


@blueprint.post("/referral/")
def begin_here() -> Response:
    """Begin: a fresh draft under a fresh cookie. An earlier draft of this browser is wiped."""
    front = front_door()
    if (elsewhere := comes_from_elsewhere()) or front.seal.problem() is not None:
        return start(elsewhere)
    count_page()
    before = visit()
    _ = request.form  # a body that cannot be read, or is too large, is refused before anything begins
    code = reading().code
    cookie = begin(code)
    if before.draft is not None:
        front.store.drafts.wipe(before.draft_id)
    response = make_response(redirect("/referral/begin", 303))
    set_cookie(response, cookie)
    return response


@blueprint.get("/referral/begin")
def begun() -> Response:
    """Sees whether the browser kept the cookie, and says so when it did not."""
    seen = visit()
    if seen.draft is not None:
        return make_response(redirect(f"/referral/{next_slug(seen.draft.answers, seen.draft.posted)}", 303))
    if cookies():
        return make_response(redirect("/referral/", 303))
    return no_cookie()
