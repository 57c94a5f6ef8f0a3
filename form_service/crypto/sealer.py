"""The seal: one object that holds every key of the service."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

from cryptography import x509
from itsdangerous import BadSignature, URLSafeTimedSerializer

from form_service.config.settings import Settings
from form_service.crypto import draft_keys, smime
from form_service.crypto.keys import CannotOpen, CannotSeal, SecretKey, open_bytes, seal_bytes

WITHDRAWAL_SECONDS = 30 * 86400
CLOCKS_APART_SECONDS = 86400
_SMIME = "smime:"


@dataclass(frozen=True)
class SealedMail:
    """A mail as it is stored; `key_id` says which key opens it."""

    key_id: str
    sealed: bytes


class Seal:
    """Seals mails to their readers and drafts to their cookie; signs links and form tokens."""

    def __init__(
        self,
        secret_keys: tuple[str, ...],
        team: list[x509.Certificate],
        broken: str | None = None,
    ) -> None:
        """`broken` says why the certificates cannot be used at all."""
        self._keys = [SecretKey.from_text(text) for text in secret_keys]
        self._by_id = {key.key_id: key for key in self._keys}
        self._team = team
        self._broken = broken
        # itsdangerous signs with the last key and believes all.
        signing = [key.signing for key in reversed(self._keys)]
        self._withdrawals = URLSafeTimedSerializer(
            signing, salt="withdraw", signer_kwargs={"digest_method": hashlib.sha256}
        )
        self._times = URLSafeTimedSerializer(signing, salt="time", signer_kwargs={"digest_method": hashlib.sha256})

    @classmethod
    def from_settings(cls, settings: Settings) -> "Seal":
        """A certificate that cannot be used does not stop the start: it closes the form (see `problem`)."""
        try:
            team = smime.load(settings.team_certificates)
            broken = "FORM_TEAM_CERTIFICATES holds no certificate" if settings.team_certificates and not team else None
        except CannotSeal as error:
            team, broken = [], str(error)
        return cls(settings.secret_keys, team, broken)

    # Mails

    def mail(self, message: EmailMessage) -> SealedMail:
        """Seal a mail to the team: to its certificates, or with the first secret key when it has none.

        Raises CannotSeal when no certificate can encrypt now.
        """
        plain = _wire(message)
        problem = self.problem()
        if problem is not None:
            raise CannotSeal(problem)
        if not self._team:
            return self.own(plain)
        usable = self._usable()
        names = "+".join(sorted(smime.fingerprint(one) for one in usable))
        return SealedMail(_SMIME + names, smime.encrypt(plain, usable))

    def own(self, data: bytes | EmailMessage) -> SealedMail:
        """Seal with the first secret key, whoever the reader is."""
        plain = _wire(data) if isinstance(data, EmailMessage) else data
        key = self._keys[0]
        return SealedMail(key.key_id, seal_bytes(key.at_rest, plain, key.key_id.encode()))

    def open(self, key_id: str, sealed: bytes) -> bytes:
        """The bytes to hand to the mail server; raises CannotOpen. S/MIME stays closed, as only the team opens it."""
        if key_id.startswith(_SMIME):
            return sealed
        key = self._by_id.get(key_id)
        if key is None:
            raise CannotOpen(f"{key_id} is not among FORM_SECRET_KEYS")
        return open_bytes(key.at_rest, sealed, key_id.encode())

    def is_current(self, key_id: str) -> bool:
        """Whether a row needs no re-sealing (S/MIME cannot be re-sealed)."""
        return key_id.startswith(_SMIME) or key_id == self._keys[0].key_id

    def knows(self, key_id: str) -> bool:
        """Whether a row with this key can be handed over."""
        return key_id.startswith(_SMIME) or key_id in self._by_id

    def certificate_states(self, now: datetime | None = None) -> list[smime.CertificateState]:
        """The state of each of the team's certificates."""
        return [smime.state(one, now) for one in self._team]

    def problem(self, now: datetime | None = None) -> str | None:
        """Why nothing can be sealed to the team now, which closes the form; None when all is well."""
        if self._broken is not None:
            return self._broken
        states = self.certificate_states(now)
        if states and all(one.problem for one in states):
            return states[0].problem
        return None

    def flaw(self, now: datetime | None = None) -> str | None:
        """Why one of the team's certificates cannot be used, though another may be; None when all can.

        The form goes on, and whoever holds the key to that certificate cannot read what comes.
        """
        return self.problem(now) or next((one.problem for one in self.certificate_states(now) if one.problem), None)

    def _usable(self) -> list[x509.Certificate]:
        now = datetime.now(UTC)
        return [one for one in self._team if smime.state(one, now).problem is None]

    # Links and tokens

    def sign_withdrawal(self, reference: str) -> str:
        """The token of a withdrawal link."""
        return str(self._withdrawals.dumps(reference))

    def read_withdrawal(self, token: str) -> str | None:
        """The reference of a withdrawal link; None when it is forged or older than 30 days.

        Clocks differ: itsdangerous itself would refuse a link that the process beside this one made a second ahead.
        """
        try:
            value, made = self._withdrawals.loads(token, return_timestamp=True)
        except BadSignature:
            return None
        in_time = -CLOCKS_APART_SECONDS <= _age(made) <= WITHDRAWAL_SECONDS
        return value if in_time and isinstance(value, str) else None

    def sign_time(self) -> str:
        """A token that knows when it was made."""
        return str(self._times.dumps(""))

    def age_of(self, token: str) -> float | None:
        """Seconds since `sign_time` made the token; None when it is forged."""
        try:
            _, made = self._times.loads(token, return_timestamp=True)
        except BadSignature:
            return None
        return _age(made)

    def anonymous(self, client_address: str) -> str:
        """A name for a client's address that leads back to nobody without the keys."""
        return hmac.new(self._keys[0].pseudonyms, client_address.encode(), hashlib.sha256).hexdigest()[:32]

    # Drafts

    def new_draft_key(self) -> str:
        """The value of the one cookie."""
        return draft_keys.new_cookie()

    def draft_id(self, cookie: str) -> str | None:
        """The draft's name in the store; None for a malformed cookie."""
        return draft_keys.draft_id(cookie)

    def seal_draft(self, cookie: str, data: bytes) -> bytes:
        """The answers, readable only with the cookie; raises CannotOpen for a malformed cookie."""
        return draft_keys.seal_draft(cookie, data)

    def open_draft(self, cookie: str, sealed: bytes) -> bytes | None:
        """The answers; None when they were sealed with another cookie."""
        return draft_keys.open_draft(cookie, sealed)

    def form_token(self, cookie: str) -> str:
        """The token that this draft's forms carry."""
        return draft_keys.form_token(self._keys[0].form_tokens, cookie)

    def check_form_token(self, cookie: str, token: str) -> bool:
        """Whether the token belongs to the cookie, under any of the keys."""
        given = token.encode("utf-8", "replace")
        return any(
            hmac.compare_digest(draft_keys.form_token(key.form_tokens, cookie).encode(), given) for key in self._keys
        )


def _age(made: datetime) -> float:
    return time.time() - made.timestamp()


def _wire(message: EmailMessage) -> bytes:
    plain = message.as_bytes(policy=smime.WIRE)
    body = plain.partition(b"\r\n\r\n")[2]
    if not body.strip():
        raise CannotSeal("an empty mail is never sealed")
    return plain
