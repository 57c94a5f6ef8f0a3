"""The draft, the cookie and the language that belong to a request."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import cast

from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.local import LocalProxy

from form_service.config.settings import Settings
from form_service.crypto import Sealer, draft_keys
from form_service.referral.i18n import Language, load_language
from form_service.referral.journey.answers import Answers
from form_service.referral.journey.draft import Draft
from form_service.store import Store
from form_service.web.rate_limits import MAX_DRAFT_BYTES
from service_profile import Service

COOKIE_PATH = "/referral/"
# An unsent draft is kept for this long after its last answer. WCAG 2.2.1 asks for no warning from 20 hours on.
DRAFT_LIFETIME = timedelta(hours=24)
# A sent draft is kept so that the confirmation can be seen again.
CONFIRMATION_LIFETIME = timedelta(minutes=60)


@dataclass(frozen=True)
class FormServiceContext:
    """The objects that every view needs, created once when the application starts and never changed."""

    settings: Settings
    service: Service
    sealer: Sealer
    store: Store

    @property
    def cookie_name(self) -> str:
        """Return the name of the draft cookie, which does not reveal what the form is about."""
        # Browsers accept the prefix only on a secure cookie.
        return "__Secure-draft" if self.settings.is_production else "draft"

    @property
    def form_url(self) -> str:
        """Return the form's absolute URL, ending with a slash."""
        # Built from the settings, because the Host header of a request cannot be trusted.
        url = str(self.service["form_address"])
        absolute_url = url if url.startswith("https://") else self.service.site_url.rstrip("/") + url
        return absolute_url.rstrip("/") + "/"

    @cached_property
    def languages(self) -> dict[str, Language]:
        """Return the form's languages by code, the default first.

        Raises FileNotFoundError for a language without a catalogue, and UnknownLocaleError for an unknown code.
        """
        return {
            language_code: load_language(language_code, self.service.facts) for language_code in self.settings.languages
        }

    def language(self, language_code: str) -> Language:
        """Return the form's language with this code, or the default language if there is none."""
        return self.languages.get(language_code) or self.languages[self.settings.languages[0]]


# The context of the app that serves this request or runs this command.
context = cast(FormServiceContext, LocalProxy(lambda: current_app.extensions["form_service"]))


@dataclass
class DraftSession:
    """A request's cookie, and the draft that the cookie opens. `draft` is None if the cookie opens no draft."""

    cookie: str
    draft: Draft | None
    sealed_draft: bytes = b""  # the draft as the store keeps it, after `change`

    @property
    def draft_id(self) -> str:
        """Return the draft's id in the store, or "" if the cookie is missing or malformed."""
        return draft_keys.draft_id(self.cookie) or ""

    @property
    def existing_draft(self) -> Draft:
        """Return the draft, for views that have already checked that there is one."""
        assert self.draft is not None
        return self.draft

    def change(self, change_draft: Callable[[Draft], None]) -> Draft | None:
        """Apply `change_draft` to the stored draft, store the result, and return it, or None if there is no draft.

        `change_draft` may be called more than once. Raises StoreUnavailable, and RequestEntityTooLarge for a draft that
        has become too large.
        """
        result: list[tuple[Draft, bytes]] = []

        def change_sealed_draft(sealed_draft: bytes | None) -> bytes | None:
            result.clear()
            draft = decode_draft(self.cookie, sealed_draft)
            if draft is None or sealed_draft is None:
                return None
            previous_bytes = draft.to_bytes()
            change_draft(draft)
            draft_bytes = draft.to_bytes()
            if len(draft_bytes) > MAX_DRAFT_BYTES:
                raise RequestEntityTooLarge
            # An unchanged draft keeps its bytes, so that a second click does not cause a conflict for the first.
            is_unchanged = draft_bytes == previous_bytes
            new_sealed_draft = sealed_draft if is_unchanged else draft_keys.seal_draft(self.cookie, draft_bytes)
            result.append((draft, new_sealed_draft))
            return new_sealed_draft

        def lifetime() -> timedelta:
            sent = result[0][0].sent
            return timedelta(seconds=max(1, confirmation_seconds_left(sent.at))) if sent else DRAFT_LIFETIME

        context.store.drafts.change(self.draft_id, change_sealed_draft, lifetime)
        if not result:
            return None
        self.draft, self.sealed_draft = result[0]
        return self.draft


def confirmation_ends_at(sent_at: float) -> float:
    """Return the time until which the confirmation of a referral can be shown. Times are in seconds since 1970."""
    return sent_at + CONFIRMATION_LIFETIME.total_seconds()


def confirmation_seconds_left(sent_at: float) -> float:
    """Return for how many more seconds the confirmation can be shown, or a negative number if that time is over."""
    return confirmation_ends_at(sent_at) - time.time()


def decode_draft(cookie: str, sealed_draft: bytes | None) -> Draft | None:
    """Return the draft in `sealed_draft`, decrypted with `cookie`.

    Return None if there is no draft, if it cannot be decrypted or read, or if its referral was sent more than
    CONFIRMATION_LIFETIME ago.
    """
    draft_bytes = draft_keys.open_draft(cookie, sealed_draft) if sealed_draft is not None else None
    if draft_bytes is None:
        return None
    try:
        draft = Draft.from_bytes(draft_bytes)
    except ValueError:
        return None
    return None if draft.sent and confirmation_seconds_left(draft.sent.at) <= 0 else draft


def draft_cookies() -> list[str]:
    """Return all values of the draft cookie in this request.

    There are several if another host of the domain has planted one.
    """
    return request.cookies.getlist(context.cookie_name)


def draft_session() -> DraftSession:
    """Return this request's draft session. Raises StoreUnavailable if the store does not answer.

    If the request has several draft cookies, the session has no draft.
    """
    if "draft_session" not in g:
        cookies = draft_cookies()
        cookie = cookies[0] if len(cookies) == 1 else ""
        draft_id = draft_keys.draft_id(cookie)
        sealed_draft = context.store.drafts.read(draft_id) if draft_id else None
        g.draft_session = DraftSession(cookie if draft_id else "", decode_draft(cookie, sealed_draft))
    return cast(DraftSession, g.draft_session)


def begin_draft(language_code: str, answers: Answers | None = None, posted_slugs: Sequence[str] = ()) -> str:
    """Store a new draft, optionally with answers, and return the value of its cookie. Raises StoreUnavailable.

    The new draft becomes the draft of this request.
    """
    cookie = draft_keys.new_cookie()
    answer_lists = {name: list(values) for name, values in (answers or {}).items()}
    draft = Draft(language=language_code, answers=answer_lists, posted=list(posted_slugs))
    session = DraftSession(cookie, draft)
    sealed_draft = draft_keys.seal_draft(cookie, draft.to_bytes())
    context.store.drafts.change(session.draft_id, lambda _: sealed_draft, DRAFT_LIFETIME)
    g.draft_session = session
    return cookie


def set_cookie(response: Response, value: str) -> None:
    """Set the draft cookie, which the browser deletes when it closes."""
    response.set_cookie(
        context.cookie_name,
        value,
        path=COOKIE_PATH,
        secure=context.settings.is_production,
        httponly=True,
        samesite="Lax",
    )


def expire_cookie(response: Response) -> None:
    """Delete the draft cookie, so that the browser's Back button shows no answers."""
    # Chromium keeps no-store pages for its Back button until an HttpOnly cookie changes. One change is not enough for
    # the first question page, because the redirect to that page set the cookie. So change it twice.
    set_cookie(response, "gone")
    response.delete_cookie(
        context.cookie_name, path=COOKIE_PATH, secure=context.settings.is_production, httponly=True, samesite="Lax"
    )


def current_language() -> Language:
    """Return the draft's language, otherwise the one that the request asks for, otherwise the default."""
    session = g.get("draft_session")
    draft = session.draft if session else None
    return context.language(draft.language if draft else _requested_language())


def _requested_language() -> str:
    try:
        return request.values.get("language", "")
    except HTTPException:  # the body is unreadable or too large; its error page has a language too
        return request.args.get("language", "")
