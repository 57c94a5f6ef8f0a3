"""Encrypt emails and sign tokens with the service's keys."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeTimedSerializer

from form_service.config.settings import Settings
from form_service.crypto import draft_keys, smime
from form_service.crypto.keys import CannotOpen, CannotSeal, DerivedKeys, open_bytes, seal_bytes

WITHDRAWAL_LINK_SECONDS = 30 * 86400
# The team's link outlives the sealed copy of an unconfirmed referral.
RECEIPT_LINK_SECONDS = 60 * 86400
MAX_CLOCK_SKEW_SECONDS = 86400
_SMIME_PREFIX = "smime:"


@dataclass(frozen=True)
class SealedData:
    """Encrypted bytes as they are stored. `key_id` names the key that decrypts them."""

    key_id: str
    sealed: bytes


class Sealer:
    """An object that encrypts emails and signs tokens, with the service's keys and the team's certificates."""

    def __init__(
        self,
        secret_keys: tuple[str, ...],
        team_certificates: smime.TeamCertificates = smime.TeamCertificates(),  # noqa: B008 - it is frozen
        certificate_error: str | None = None,
    ) -> None:
        """Derive the keys from the secrets. `certificate_error` says why no certificate can be used, or is None."""
        self._keys = [DerivedKeys.from_secret(text) for text in secret_keys]
        self._keys_by_id = {key.key_id: key for key in self._keys}
        self._recipient_certificates = team_certificates.recipient_certificates
        self.unused_certificate_descriptions = team_certificates.unused_certificate_descriptions
        self.files_with_private_key = team_certificates.files_with_private_key
        self._certificate_error = certificate_error
        # itsdangerous signs with the last key and accepts all of them.
        signing_keys = [key.signing_key for key in reversed(self._keys)]
        signer_options = {"digest_method": hashlib.sha256}
        self._withdrawal_signer, self._receipt_signer, self._time_signer = (
            URLSafeTimedSerializer(signing_keys, salt=salt, signer_kwargs=signer_options)
            for salt in ("withdraw", "received", "time")
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> "Sealer":
        """Create a sealer from the settings.

        If no certificate is usable, no error is raised, but the method `problem` returns the reason.
        """
        try:
            team_certificates = smime.load_certificates(settings.team_certificates)
        except CannotSeal as error:
            return cls(settings.secret_keys, smime.TeamCertificates(), str(error))
        has_no_recipients = settings.team_certificates and not team_certificates.recipient_certificates
        certificate_error = "FORM_TEAM_CERTIFICATES holds certificates of authorities only, and none of the team"
        return cls(settings.secret_keys, team_certificates, certificate_error if has_no_recipients else None)

    # Encryption

    def seal_for_team(self, email: bytes) -> SealedData:
        """Encrypt an email with S/MIME to the team's usable certificates.

        If the team has no certificates, `seal_at_rest` is used instead. Raises CannotSeal if every certificate is
        unusable.
        """
        problem = self.problem()
        if problem is not None:
            raise CannotSeal(problem)
        if not self._recipient_certificates:
            return self.seal_at_rest(email)
        now = datetime.now(UTC)
        usable_certificates = [
            certificate
            for certificate in self._recipient_certificates
            if smime.certificate_state(certificate, now).problem is None
        ]
        fingerprints = "+".join(sorted(smime.fingerprint(certificate) for certificate in usable_certificates))
        return SealedData(_SMIME_PREFIX + fingerprints, smime.encrypt(email, usable_certificates))

    def seal_at_rest(self, data: bytes) -> SealedData:
        """Encrypt `data` with the first of FORM_SECRET_KEYS."""
        key = self._keys[0]
        return SealedData(key.key_id, seal_bytes(key.at_rest_key, data, key.key_id.encode()))

    def open(self, key_id: str, sealed_bytes: bytes) -> bytes:
        """Decrypt a stored email before it is sent. Raises CannotOpen for a missing or wrong key.

        An S/MIME email is returned unchanged, because only the team can decrypt it.
        """
        if key_id.startswith(_SMIME_PREFIX):
            return sealed_bytes
        key = self._keys_by_id.get(key_id)
        if key is None:
            raise CannotOpen(f"{key_id} is not among FORM_SECRET_KEYS")
        return open_bytes(key.at_rest_key, sealed_bytes, key_id.encode())

    def is_current(self, key_id: str) -> bool:
        """Return whether data with this `key_id` is encrypted with S/MIME or with the first of FORM_SECRET_KEYS.

        Any other data must be encrypted again.
        """
        return key_id.startswith(_SMIME_PREFIX) or key_id == self._keys[0].key_id

    def can_open(self, key_id: str) -> bool:
        """Return whether `open` accepts data with this `key_id`."""
        return key_id.startswith(_SMIME_PREFIX) or key_id in self._keys_by_id

    def certificate_states(self, now: datetime | None = None) -> list[smime.CertificateState]:
        """Return the state of each of the team's certificates at `now`, by default the current time."""
        return [smime.certificate_state(certificate, now) for certificate in self._recipient_certificates]

    def problem(self, now: datetime | None = None) -> str | None:
        """Return why nothing can be encrypted for the team, or None if encryption works.

        While there is a problem, the form is closed.
        """
        if self._certificate_error is not None:
            return self._certificate_error
        states = self.certificate_states(now)
        if states and all(state.problem for state in states):
            return states[0].problem
        return None

    def certificate_problem(self) -> str | None:
        """Return why at least one certificate of the team is unusable, or None if all are usable.

        The form stays open as long as another certificate is usable.
        """
        return self.problem() or next((state.problem for state in self.certificate_states() if state.problem), None)

    # Links and tokens

    def new_withdrawal_token(self, reference: str) -> str:
        """Return a token for the link to the page on which a person can cancel the referral or stop contact."""
        return str(self._withdrawal_signer.dumps(reference))

    def read_withdrawal_token(self, token: str) -> str | None:
        """Return the reference in the token, or None if the token is forged or older than 30 days."""
        return _read_reference(self._withdrawal_signer, token, WITHDRAWAL_LINK_SECONDS)

    def new_receipt_token(self, reference: str) -> str:
        """Return a token for the link with which the team confirms that it has received a referral."""
        return str(self._receipt_signer.dumps(reference))

    def read_receipt_token(self, token: str) -> str | None:
        """Return the reference in the token, or None if the token is forged or older than 60 days."""
        return _read_reference(self._receipt_signer, token, RECEIPT_LINK_SECONDS)

    def new_time_token(self) -> str:
        """Return a signed token that contains the current time."""
        return str(self._time_signer.dumps(""))

    def token_age(self, token: str) -> float | None:
        """Return the age in seconds of a timestamped token, or None if the token is forged."""
        try:
            _, signed_at = self._time_signer.loads(token, return_timestamp=True)
        except BadSignature:
            return None
        return _seconds_since(signed_at)

    def pseudonym(self, text: str) -> str:
        """Return a keyed hash of a text, which may be an IP address.

        Without the key, nobody can link the hash to the text.
        """
        return hmac.new(self._keys[0].pseudonym_key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def form_token(self, cookie: str) -> str:
        """Return the anti-forgery token for the forms of the draft that belongs to `cookie`."""
        return draft_keys.form_token(self._keys[0].form_token_key, cookie)

    def is_form_token_valid(self, cookie: str, token: str) -> bool:
        """Return whether one of FORM_SECRET_KEYS made this form token for this cookie."""
        token_bytes = token.encode("utf-8", "replace")
        return any(
            hmac.compare_digest(draft_keys.form_token(key.form_token_key, cookie).encode(), token_bytes)
            for key in self._keys
        )


def _read_reference(signer: URLSafeTimedSerializer, token: str, max_age_seconds: float) -> str | None:
    """Return the reference in a signed token, or None if the token is forged or too old."""
    try:
        value, signed_at = signer.loads(token, return_timestamp=True)
    except BadSignature:
        return None
    # The clock of the process that signed the token may be ahead of this one's.
    is_in_time = -MAX_CLOCK_SKEW_SECONDS <= _seconds_since(signed_at) <= max_age_seconds
    return value if is_in_time and isinstance(value, str) else None


def _seconds_since(signed_at: datetime) -> float:
    return time.time() - signed_at.timestamp()
