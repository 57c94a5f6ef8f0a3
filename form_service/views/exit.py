"""Leaving: what was typed is wiped, the cookie ends, the browser is on a neutral site."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

from flask import Blueprint, Response, make_response, redirect, request

from form_service.store import StoreUnavailable
from form_service.views.visit import expire_cookie, front_door

blueprint = Blueprint("exit", __name__)
# Nobody who leaves waits longer than this for the store; the wipe goes on behind them.
WAIT_SECONDS = 1.0
_wiping = ThreadPoolExecutor(8, thread_name_prefix="wipe")


@blueprint.get("/referral/exit")
def leave() -> Response:
    """The link that works without script. It needs no token: leaving must not wait for one."""
    return _wiped(make_response(redirect(str(front_door().service["exit_address"]), 303)))


@blueprint.post("/referral/exit")
def wipe() -> Response:
    """The page's beacon: the browser has left already."""
    return _wiped(make_response("", 204))


def _wiped(response: Response) -> Response:
    """Wipe the draft if the store can; if it cannot, the draft stays sealed under a key that ends here."""
    front = front_door()
    draft_id = front.seal.draft_id(request.cookies.get(front.cookie_name, ""))
    if draft_id:
        wiped = _wiping.submit(front.store.wipe_draft, draft_id)
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            wiped.result(WAIT_SECONDS)
    expire_cookie(response)
    return response
