"""One request's view of a person: the cookie, the draft it opens, the language they read."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from form_service.config.settings import Settings
from form_service.crypto import Seal
from form_service.referral.i18n import Language, language
from form_service.referral.journey import Draft
from form_service.store import Store
from form_service.web.rate_limits import LARGEST_DRAFT
from service_profile import Service

COOKIE_PATH = "/referral/"
# An unsent draft lives this long from its last answer; WCAG 2.2.1 asks for no warning from 20 hours on.
DRAFT_LIVES = timedelta(hours=24)
# A sent one lives on so that the confirmation can be seen again.
CONFIRMATION_LIVES = timedelta(minutes=60)


@dataclass(frozen=True)
class AppContext:
    """What every view needs, made once at start."""

    settings: Settings
    service: Service
    seal: Seal
    store: Store

    @property
    def cookie_name(self) -> str:
        """The name of the one cookie: neutral, and with the prefix that browsers guard where there is TLS."""
        return "__Secure-draft" if self.settings.production else "draft"

    @property
    def form_url(self) -> str:
        """The form's absolute address, ending with a slash; never taken from a request."""
        address = str(self.service["form_address"])
        whole = address if address.startswith("https://") else self.service.site_url.rstrip("/") + address
        return whole.rstrip("/") + "/"


def app_context() -> AppContext:
    """The front door of this app."""
    return cast(AppContext, current_app.extensions["form_service"])


@dataclass
class DraftSession:
    """The person of this request. `draft` is None when nothing lives under their cookie."""

    cookie: str
    draft: Draft | None
    sealed: bytes = b""  # the draft as the store keeps it, after `change`

    @property
    def draft_id(self) -> str:
        """The draft's name in the store."""
        return app_context().seal.draft_id(self.cookie) or ""

    @property
    def open_draft(self) -> Draft:
        """The draft, for views that have made sure that there is one."""
        assert self.draft is not None
        return self.draft

    def change(self, change: Callable[[Draft], None]) -> Draft | None:
        """Change the draft in the store, with nothing in between; None when it no longer lives.

        `change` may run again after a lost connection. Raises StoreUnavailable, and RequestEntityTooLarge when the
        draft would be too large; then nothing was changed.
        """
        context = app_context()
        changed: list[tuple[Draft, bytes]] = []

        def in_the_store(sealed: bytes | None) -> bytes | None:
            changed.clear()
            draft = decode_draft(context.seal, self.cookie, sealed)
            if draft is None or sealed is None:
                return None
            before = draft.to_bytes()
            change(draft)
            after = draft.to_bytes()
            if len(after) > LARGEST_DRAFT:
                raise RequestEntityTooLarge
            # The same stays the same to the byte, so that a second click takes nothing from under the first.
            kept = sealed if after == before else context.seal.seal_draft(self.cookie, after)
            changed.append((draft, kept))
            return kept

        def lives() -> timedelta:
            sent = changed[0][0].sent
            return timedelta(seconds=max(1, seconds_left(sent.at))) if sent else DRAFT_LIVES

        context.store.drafts.change(self.draft_id, in_the_store, lives)
        if not changed:
            return None
        self.draft, self.sealed = changed[0]
        return self.draft


def seconds_left(sent_at: float) -> float:
    """How long the confirmation of something sent then can still be seen."""
    return sent_at + CONFIRMATION_LIVES.total_seconds() - time.time()


def decode_draft(seal: Seal, cookie: str, sealed: bytes | None) -> Draft | None:
    """The draft in `sealed`, or None when there is none that this cookie opens."""
    plain = seal.open_draft(cookie, sealed) if sealed is not None else None
    if plain is None:
        return None
    try:
        draft = Draft.from_bytes(plain)
    except ValueError:
        return None
    return None if draft.sent and seconds_left(draft.sent.at) <= 0 else draft


def cookies() -> list[str]:
    """Every value of the one cookie that came: more than one when another host below the same domain planted its own.

    A browser says of none who set it, and the planted one may stand first.
    """
    return request.cookies.getlist(app_context().cookie_name)


def draft_session() -> DraftSession:
    """The visit of this request, read once; with several cookies nobody's draft. Raises StoreUnavailable."""
    if "draft_session" not in g:
        context, values = app_context(), cookies()
        cookie = values[0] if len(values) == 1 else ""
        draft_id = context.seal.draft_id(cookie)
        sealed = context.store.drafts.read(draft_id) if draft_id else None
        g.draft_session = DraftSession(cookie if draft_id else "", decode_draft(context.seal, cookie, sealed))
    return cast(DraftSession, g.draft_session)


def begin(code: str) -> str:
    """A fresh draft under a fresh cookie, whose value this is. Raises StoreUnavailable."""
    context = app_context()
    cookie = context.seal.new_draft_key()
    draft = Draft(started=time.time(), language=code)
    new = DraftSession(cookie, draft)
    sealed = context.seal.seal_draft(cookie, draft.to_bytes())
    context.store.drafts.change(new.draft_id, lambda _: sealed, DRAFT_LIVES)
    g.draft_session = new
    return cookie


def set_cookie(response: Response, value: str) -> None:
    """The one cookie; it ends with the browser."""
    context = app_context()
    response.set_cookie(
        context.cookie_name,
        value,
        path=COOKIE_PATH,
        secure=context.settings.production,
        httponly=True,
        samesite="Lax",
    )


def expire_cookie(response: Response) -> None:
    """Take the cookie away, in two changes.

    Chromium keeps pages with no-store for its Back button until an HttpOnly cookie changes, and lets one change pass
    for a page whose own way here set the cookie: the first question page. Two changes empty that memory too.
    """
    context = app_context()
    set_cookie(response, "gone")
    response.delete_cookie(
        context.cookie_name, path=COOKIE_PATH, secure=context.settings.production, httponly=True, samesite="Lax"
    )


def current_language() -> Language:
    """The language of this request: the draft's, else the one that a link on the first page asked for."""
    context = app_context()
    session = g.get("draft_session")
    asked_for = _asked_for() if session is None or session.draft is None else session.draft.language
    code = asked_for if asked_for in context.settings.languages else context.settings.languages[0]
    return language(code, context.service.facts)


def _asked_for() -> str:
    try:
        return request.values.get("language", "")
    except HTTPException:  # a body that cannot be read, or is too large: its error page has a language too
        return request.args.get("language", "")
