"""Name and explain what can go wrong with SMTP.

An error class is a short name, such as `timeout`, or `rcpt-550` for a reply to RCPT. It is safe to store and log,
because it never contains the server's text.
"""

import errno
import re
import socket
import ssl

EXPLANATIONS = {
    "ca-file": "the file that FORM_SMTP_CA_FILE names cannot be read or holds no certificate",
    "connection-lost": "the mail server ended the connection",
    "connection-refused": "nothing listens at the mail server's address and port",
    "login-mechanism": "the mail server offers no login mechanism that the form can use (PLAIN, LOGIN or CRAM-MD5)",
    "login-not-offered": "FORM_SMTP_URL names a user, and the mail server offers no login",
    "lost-after-data": "the connection ended before the mail server said whether it had accepted the email",
    "name-lookup-failed": "the name of the mail server could not be looked up just now",
    "name-not-found": "the name of the mail server does not exist",
    "network-unreachable": "there is no way through the network to the mail server",
    "no-starttls": "the mail server does not offer STARTTLS, and nothing is sent unencrypted",
    "reply-unreadable": "the mail server gave a reply that is not SMTP",
    "timeout": "the mail server did not answer in time",
    "timeout-after-data": "the mail server did not say in time whether it had accepted the email",
    "tls": "the form and the mail server could not agree on TLS",
    "tls-certificate": "the mail server's certificate is not from an authority that this machine trusts",
    "tls-certificate-expired": "the mail server's certificate has expired or is not valid yet",
    "tls-certificate-name": "the mail server's certificate is not for the name in FORM_SMTP_URL",
}
_STEP_EXPLANATIONS = {
    "greeting": "the mail server turned the connection away",
    "ehlo": "the mail server refused to begin",
    "starttls": "the mail server refused STARTTLS, and nothing is sent unencrypted",
    "auth": "the mail server refused the user or the password of FORM_SMTP_URL",
    "mail": "the mail server refused the sender",
    "rcpt": "the mail server refused the recipient",
    "data": "the mail server refused to receive an email for the recipient",
    "content": "the mail server refused the email itself",
}
_DATE_PROBLEM_CODES = {9, 10}  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_NAME_MISMATCH_CODES = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_UNREACHABLE_ERRNOS = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
_NO_SUCH_NAME_ERRNOS = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class SMTPError(Exception):
    """Raised if the mail server cannot be used or refuses a command. Its message is an error class, such as "tls"."""


class ReplyError(SMTPError):
    """Raised if the mail server's reply is unexpected. `step` names the step of the SMTP dialogue, such as "rcpt"."""

    def __init__(self, step: str, code: int) -> None:
        super().__init__(f"{step}-{code}" if 100 <= code < 600 else "reply-unreadable")
        self.code = code

    @property
    def is_permanent(self) -> bool:
        """Return whether the reply is a permanent refusal (5yz)."""
        return 500 <= self.code < 600

    @property
    def is_refusal(self) -> bool:
        """Return whether the reply is a refusal, permanent (5yz) or temporary (4yz)."""
        return 400 <= self.code < 600


def error_class_of(error: Exception, timed_out: bool = False) -> str:
    """Return the error class of an exception, such as "timeout" or "tls".

    If `timed_out` is true, the cause was a time-out, even if the exception does not show it.
    """
    if isinstance(error, SMTPError):
        return str(error)
    if isinstance(error, ssl.SSLError):
        return _tls_error_class(error)
    if isinstance(error, TimeoutError) or timed_out:
        return "timeout"
    if isinstance(error, UnicodeError):  # a host name with an empty or too long label cannot be encoded
        return "name-not-found"
    if isinstance(error, socket.gaierror):
        return "name-not-found" if error.errno in _NO_SUCH_NAME_ERRNOS else "name-lookup-failed"
    if isinstance(error, ConnectionRefusedError):
        return "connection-refused"
    if isinstance(error, OSError) and error.errno in _UNREACHABLE_ERRNOS:
        return "network-unreachable"
    return "connection-lost"


def _tls_error_class(error: ssl.SSLError) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return "tls"
    if error.verify_code in _NAME_MISMATCH_CODES:
        return "tls-certificate-name"
    return "tls-certificate-expired" if error.verify_code in _DATE_PROBLEM_CODES else "tls-certificate"


def explain(error_class: str) -> str:
    """Return a text that explains an SMTP error class to the operator.

    For an error class without an explanation, the text refers to guides/operating.md.
    """
    reply_match = re.fullmatch(r"([a-z]+)-(\d{3})", error_class)
    if reply_match and reply_match[1] in _STEP_EXPLANATIONS:
        step, code = reply_match.groups()
        return f"{_STEP_EXPLANATIONS[step]} ({code}: {'for good' if code.startswith('5') else 'for now'})"
    return EXPLANATIONS.get(error_class, "see guides/operating.md")
