"""Sign-in without a password: a person who may edit gets a link by email, which works once.

Links and sessions exist only in this process: they need no key and no file, and end when it stops. Unpublished text is
stored in the person's browser, so it is not lost with the session. A restart also forgets how many links were sent. No
visitor can cause a restart, and each allows at most MAX_LINKS_PER_PERSON more emails to a person.
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
from tools.editor.hosting import Hosting

LINK_MINUTES = 15
MAX_LINKS_PER_PERSON = 3  # so that nobody can fill a mailbox
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
    """Random tokens, each issued to one person for a limited time; only their hashes are stored.

    `clock` returns monotonic time in seconds.
    """

    lifetime_seconds: float
    clock: Callable[[], float]
    _tokens: dict[str, tuple[Author, float]] = field(default_factory=dict)

    def issue(self, person: Author) -> str:
        """Return a new token for this person."""
        token = secrets.token_urlsafe(32)
        self._tokens[_hash(token)] = (person, self.clock() + self.lifetime_seconds)
        return token

    def owner(self, token: str) -> Author | None:
        """Return the token's owner, or None if it is unknown or has expired. Expired tokens are removed."""
        self._tokens = {
            key: author_and_expiry
            for key, author_and_expiry in self._tokens.items()
            if author_and_expiry[1] > self.clock()
        }
        entry = self._tokens.get(_hash(token))
        return entry[0] if entry else None

    def revoke(self, token: str) -> Author | None:
        """Revoke the token. Return its owner, or None if it is unknown or has expired."""
        person = self.owner(token)
        self._tokens.pop(_hash(token), None)
        return person

    def count(self, person: Author) -> int:
        """Return how many unexpired tokens the person has."""
        return sum(
            author_and_expiry[0] == person and author_and_expiry[1] > self.clock()
            for author_and_expiry in self._tokens.values()
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class SignIn:
    """Sign-in by email: the people who may edit, the links sent to them, and their sessions.

    `clock` returns monotonic time in seconds.
    """

    def __init__(self, hosting: Hosting, clock: Callable[[], float] = time.monotonic) -> None:
        self.hosting = hosting
        self._lock = threading.Lock()
        self._links = Tokens(LINK_MINUTES * 60, clock)
        self._sessions = Tokens(SESSION_HOURS * 3600, clock)

    def request_link(self, email: str) -> None:
        """Email a sign-in link in the background to a person who may edit.

        Nothing is sent to any other address, or to a person with MAX_LINKS_PER_PERSON links that still work. The caller
        cannot tell, so nobody can find out in this way who may edit.
        """
        with self._lock:
            person = self.hosting.editors.get(remove_invisible(email, remove_joiners=True).strip().lower())
            if person is None or self._links.count(person) >= MAX_LINKS_PER_PERSON:
                return
            link = f"{self.hosting.origin}/sign-in/{self._links.issue(person)}"
        threading.Thread(target=self._send, args=(person.email, link), daemon=True).start()

    def _send(self, email: str, link: str) -> None:
        body = EMAIL_BODY.format(link=link, minutes=LINK_MINUTES)
        data = to_bytes(plain_email(body, EMAIL_SUBJECT, self.hosting.sender, email))
        route = MailRoute(self.hosting.smtp, self.hosting.ca_file, self.hosting.sender)
        result = route.send(email, data)
        route.close()
        if not result.accepted:
            print(f"A link to sign in could not be sent by email: {result.error}", file=sys.stderr, flush=True)

    def link_owner(self, link: str) -> Author | None:
        """Return the person to whom a sign-in link belongs, or None if it does not work any more.

        The link can still be used afterwards.
        """
        with self._lock:
            return self._links.owner(link)

    def use_link(self, link: str) -> str | None:
        """Sign in with a link, which works once. Return the new session's token, or None if it no longer works."""
        with self._lock:
            person = self._links.revoke(link)
            return self._sessions.issue(person) if person else None

    def session_owner(self, session: str) -> Author | None:
        """Return the person signed in with this session, or None if it is unknown or has expired."""
        with self._lock:
            return self._sessions.owner(session)

    def end_session(self, session: str) -> None:
        with self._lock:
            self._sessions.revoke(session)
