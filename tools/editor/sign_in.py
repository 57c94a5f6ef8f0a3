"""Sign people in without a password: they get a link by email, which works once.

Links and sessions exist only in this process, so a restart ends them. Unpublished text is stored in the person's
browser, so it is not lost.
"""

import hashlib
import secrets
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from form_service.mail.message import plain_email, to_bytes
from form_service.mail.smtp_client import MailRoute
from service_profile.invisible import remove_invisible
from tools.editor.history import Author
from tools.editor.hosting import HostingSettings

LINK_MINUTES = 15
MAX_LINKS_PER_PERSON = 3  # so that nobody can fill a mailbox; counted anew after a restart
SESSION_HOURS = 12
EMAIL_SUBJECT = "Your link to edit the site"
EMAIL_BODY = """\
Hello,

Someone asked to sign in to the editor of the site with your email address.
If it was you, open this page and press Sign in:

{link}

You can use the link once, within {minutes} minutes. If it was not you, do nothing:
nobody can sign in as you without this email.
"""


@dataclass
class Tokens:
    """Random tokens, each issued to one person for a limited time. Only their hashes are stored.

    `clock` returns monotonic time in seconds.
    """

    lifetime_seconds: float
    clock: Callable[[], float]
    _owner_and_expiry_by_hash: dict[str, tuple[Author, float]] = field(default_factory=dict)

    def issue(self, person: Author) -> str:
        """Issue a new token to this person, and return it."""
        token = secrets.token_urlsafe(32)
        self._owner_and_expiry_by_hash[_hash(token)] = (person, self.clock() + self.lifetime_seconds)
        return token

    def owner(self, token: str) -> Author | None:
        """Return the token's owner, or None if the token is unknown or expired. Remove all expired tokens."""
        self._owner_and_expiry_by_hash = {
            key: author_and_expiry
            for key, author_and_expiry in self._owner_and_expiry_by_hash.items()
            if author_and_expiry[1] > self.clock()
        }
        entry = self._owner_and_expiry_by_hash.get(_hash(token))
        return entry[0] if entry else None

    def revoke(self, token: str) -> Author | None:
        """Revoke the token. Return its owner, or None if the token was unknown or expired."""
        person = self.owner(token)
        self._owner_and_expiry_by_hash.pop(_hash(token), None)
        return person

    def count(self, person: Author) -> int:
        """Return how many unexpired tokens the person has."""
        return sum(
            author_and_expiry[0] == person and author_and_expiry[1] > self.clock()
            for author_and_expiry in self._owner_and_expiry_by_hash.values()
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class SignIn:
    """The sign-in links and sessions of the people who may edit. `clock` returns monotonic time in seconds."""

    def __init__(self, hosting: HostingSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.hosting = hosting
        self._lock = threading.Lock()
        self._links = Tokens(LINK_MINUTES * 60, clock)
        self._sessions = Tokens(SESSION_HOURS * 3600, clock)

    def request_link(self, email: str) -> None:
        """Email a sign-in link in the background, if `email` belongs to a person who may edit.

        A person with MAX_LINKS_PER_PERSON working links gets no more. The caller cannot tell whether a link was sent.
        """
        with self._lock:
            person = self.hosting.editors.get(remove_invisible(email, remove_joiners=True).strip().lower())
            if person is None or self._links.count(person) >= MAX_LINKS_PER_PERSON:
                return
            link = f"{self.hosting.origin}/sign-in/{self._links.issue(person)}"
        threading.Thread(target=self._send_link, args=(person.email, link), daemon=True).start()

    def _send_link(self, email: str, link: str) -> None:
        body = EMAIL_BODY.format(link=link, minutes=LINK_MINUTES)
        data = to_bytes(plain_email(body, EMAIL_SUBJECT, self.hosting.sender, email))
        route = MailRoute(self.hosting.mail_server, self.hosting.ca_file, self.hosting.sender)
        result = route.send(email, data)
        route.close()
        if not result.accepted:
            print(f"A link to sign in could not be sent by email: {result.error_class}", file=sys.stderr, flush=True)

    def link_owner(self, link: str) -> Author | None:
        """Return the owner of a sign-in link, or None if it no longer works. The link is not used up."""
        with self._lock:
            return self._links.owner(link)

    def use_link(self, link: str) -> str | None:
        """Use up a sign-in link, and return the token of a new session. Return None if the link no longer works."""
        with self._lock:
            person = self._links.revoke(link)
            return self._sessions.issue(person) if person else None

    def session_owner(self, session: str) -> Author | None:
        """Return the person signed in with this session, or None if the session is unknown or expired."""
        with self._lock:
            return self._sessions.owner(session)

    def end_session(self, session: str) -> None:
        with self._lock:
            self._sessions.revoke(session)
