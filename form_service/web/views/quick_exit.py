"""The quick exit, which deletes the draft and takes the browser to a neutral site.

The neutral site is `extra.service.exit_address` in mkdocs.yml.
"""

import contextlib
from concurrent.futures import ThreadPoolExecutor

from flask import Blueprint, Response, make_response, redirect, request

from form_service import logs
from form_service.crypto import draft_keys
from form_service.store import Store, StoreUnavailable
from form_service.web.request_checks import is_prefetch
from form_service.web.session import context, draft_cookies, expire_cookie

blueprint = Blueprint("exit", __name__)
# A person who leaves waits no longer than this for the store; the deletion continues after the response.
MAX_WAIT_SECONDS = 1.0
# When another host of the domain has planted cookies, a browser sends several, among them the person's own.
MAX_COOKIES = 4
_executor = ThreadPoolExecutor(8, thread_name_prefix="wipe")


@blueprint.get("/referral/exit")
def leave() -> Response:
    """Delete the draft and its cookie, and redirect to the neutral site. This needs no JavaScript.

    HEAD requests and prefetches delete nothing.
    """
    # No token is needed, so that nothing delays leaving. The browser repeats a refused prefetch when the person clicks.
    if is_prefetch():
        return make_response("", 503)
    response = make_response(redirect(str(context.service["exit_address"]), 303))
    return response if request.method == "HEAD" else _delete_draft_and_cookie(response)


@blueprint.post("/referral/exit")
def delete_draft_on_exit() -> Response:
    """Delete the draft and its cookie. The quick exit's script sends this request."""
    return _delete_draft_and_cookie(make_response("", 204))


def _delete_draft_and_cookie(response: Response) -> Response:
    """Delete the draft and its cookie, and return `response`.

    No failure is raised, so that the person can always leave.
    """
    try:
        _delete_draft()
    except Exception as error:
        logs.exception(error)  # nobody can read the draft any more: its key was only in the cookie
    with contextlib.suppress(Exception):
        expire_cookie(response)
    return response


def _delete_draft() -> None:
    draft_ids = [draft_id for cookie in draft_cookies()[:MAX_COOKIES] if (draft_id := draft_keys.draft_id(cookie))]
    if draft_ids:
        deletion = _executor.submit(_delete_drafts, context.store, draft_ids)
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            deletion.result(0 if context.store.is_stalled else MAX_WAIT_SECONDS)


def _delete_drafts(store: Store, draft_ids: list[str]) -> None:
    for draft_id in draft_ids:
        store.drafts.wipe(draft_id, in_background=True)
