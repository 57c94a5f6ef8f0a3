"""Leaving: what was typed is wiped, the cookie ends, the browser is on a neutral site."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

from flask import Blueprint, Response, make_response, redirect

from form_service.store import Store, StoreUnavailable
from form_service.web.session import app_context, cookies, expire_cookie

blueprint = Blueprint("exit", __name__)
# Nobody who leaves waits longer than this for the store; the wipe goes on behind them.
WAIT_SECONDS = 1.0
# A browser that was given cookies by a host beside ours sends a few; the person's own is among them.
MOST_COOKIES = 4
_wiping = ThreadPoolExecutor(8, thread_name_prefix="wipe")


@blueprint.get("/referral/exit")
def leave() -> Response:
    """The link that works without script. It needs no token: leaving must not wait for one."""
    return _wiped(make_response(redirect(str(app_context().service["exit_address"]), 303)))


@blueprint.post("/referral/exit")
def wipe() -> Response:
    """The page's beacon: the browser has left already."""
    return _wiped(make_response("", 204))


def _wiped(response: Response) -> Response:
    """Wipe the draft if the store can; if it cannot, the draft stays sealed under a key that ends here."""
    context = app_context()
    found = [draft_id for cookie in cookies()[:MOST_COOKIES] if (draft_id := context.seal.draft_id(cookie))]
    if found:
        wiped = _wiping.submit(_wipe_all, context.store, found)
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            wiped.result(0 if context.store.is_stalled else WAIT_SECONDS)
    expire_cookie(response)
    return response


def _wipe_all(store: Store, draft_ids: list[str]) -> None:
    for draft_id in draft_ids:
        store.drafts.wipe(draft_id, in_background=True)
