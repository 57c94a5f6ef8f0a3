"""People who have filled in the whole form and can press Send over real HTTP."""

import copy
import http.client
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from form_service.app import create_app
from form_service.crypto import draft_keys
from form_service.referral.journey.answers import digest
from form_service.referral.journey.draft import Draft
from form_service.store import StoreUnavailable
from tests.support.form_client import FormClient
from tests.support.service_parts import HOUR, ServiceParts

FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class PersonAboutToSend:
    """A person at the check page, with a completed draft in the store."""

    cookie: str
    draft_id: str
    body: bytes

    def request_line_and_headers(self) -> bytes:
        """Return the request line and headers that a browser sends when this person presses Send."""
        lines = [
            "POST /referral/check HTTP/1.1",
            "Host: x",
            f"Content-Type: {FORM_CONTENT_TYPE}",
            "Sec-Fetch-Site: same-origin",
            f"Cookie: draft={self.cookie}",
            f"Content-Length: {len(self.body)}",
            "Connection: close",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def send(self, connection: http.client.HTTPConnection) -> bool:
        """Press Send; return whether the response redirects to the confirmation."""
        headers = {
            "Content-Type": FORM_CONTENT_TYPE,
            "Cookie": f"draft={self.cookie}",
            "Sec-Fetch-Site": "same-origin",
            "Accept": "text/html",
        }
        connection.request("POST", "/referral/check", self.body, headers)
        response = connection.getresponse()
        response.read()
        return response.status == 303 and (response.getheader("Location") or "").endswith("/referral/done")

    def reference(self, parts: ServiceParts) -> str | None:
        """Return the reference on the person's confirmation page, or None if the draft is deleted or not sent."""
        sealed_draft = parts.store.drafts.read(self.draft_id)
        draft_bytes = draft_keys.open_draft(self.cookie, sealed_draft) if sealed_draft else None
        draft = Draft.from_bytes(draft_bytes) if draft_bytes else None
        return draft.sent.reference if draft and draft.sent else None


def completed_draft(parts: ServiceParts, route: str = "harmed") -> Draft:
    """Return the draft of a person who has filled in the whole form."""
    app = create_app(parts.settings)
    try:
        form_client = FormClient(app).fill_in(route)
        cookie = form_client.flask_client.get_cookie("draft", path="/referral/")
        assert cookie is not None
        draft_id = draft_keys.draft_id(cookie.value)
        assert draft_id is not None
        sealed_draft = parts.store.drafts.read(draft_id)
        assert sealed_draft is not None
        draft_bytes = draft_keys.open_draft(cookie.value, sealed_draft)
        assert draft_bytes is not None
        return Draft.from_bytes(draft_bytes)
    finally:
        app.extensions["form_service"].store.close()


def people_about_to_send(parts: ServiceParts, count: int, template: Draft | None = None) -> list[PersonAboutToSend]:
    """Return `count` people at the check page, each with a copy of the draft `template` in the store.

    The default template is the draft of a person who has filled in the whole form.
    """
    template = template or completed_draft(parts)
    people = []
    for _ in range(count):
        draft = copy.deepcopy(template)
        draft.submission = uuid.uuid4().hex
        cookie = draft_keys.new_cookie()
        draft_id = draft_keys.draft_id(cookie)
        assert draft_id is not None
        sealed_draft = draft_keys.seal_draft(cookie, draft.to_bytes())
        _store_draft(parts, draft_id, sealed_draft)
        fields = {
            "token": parts.sealer.form_token(cookie),
            "shown": digest(draft.answers),
            "opened": parts.sealer.new_time_token(),
            "agreement": "yes",
        }
        people.append(PersonAboutToSend(cookie, draft_id, urlencode(fields).encode()))
    return people


def _store_draft(parts: ServiceParts, draft_id: str, sealed_draft: bytes) -> None:
    for _ in range(20):
        try:
            parts.store.drafts.change(draft_id, lambda _: sealed_draft, HOUR)
            return
        except StoreUnavailable:
            continue
    raise AssertionError("the store accepts no draft")
