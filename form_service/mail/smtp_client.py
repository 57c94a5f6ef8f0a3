"""Send emails by SMTP, with verified TLS and time limits.

Each email goes to one recipient, so that one recipient's refusal cannot affect another.
"""

import contextlib
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass

from form_service.config.smtp_url import MailServer
from form_service.mail.smtp_connection import (
    CONNECTION_SECONDS,
    FINAL_REPLY_SECONDS,
    RECIPIENT_SECONDS,
    SMTPConnection,
    Stage,
)
from form_service.mail.smtp_errors import ReplyError, SMTPError, error_class_of

MAX_ATTEMPT_SECONDS = CONNECTION_SECONDS + RECIPIENT_SECONDS + FINAL_REPLY_SECONDS
QUIT_SECONDS = 2.0
PROBE_SECONDS = 15.0
# A connection that has not been used for this long is replaced.
IDLE_SECONDS = 20.0
_SEND_ERRORS = (SMTPError, OSError, UnicodeError, smtplib.SMTPException)


def _do_nothing() -> None:
    pass


@dataclass(frozen=True)
class SendResult:
    """The result of an attempt to send an email."""

    accepted: bool
    error_class: str = ""  # see smtp_errors
    permanent: bool = False  # the server said that trying again is useless
    uncertain: bool = False  # the server may have accepted the email
    route_failed: bool = False  # any other email would have failed too
    recipient_failed: bool = False  # any other email to this recipient would have failed too


class MailRoute:
    """A route to one mail server. It keeps its connection open between emails, and is not thread-safe."""

    def __init__(
        self, server: MailServer, ca_file: str, sender: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._ca_file = ca_file
        self._sender = sender
        self._monotonic = monotonic
        self._connection: SMTPConnection | None = None
        self._last_used_at = 0.0

    def send(
        self,
        recipient: str,
        data: bytes,
        sender: str | None = None,
        seconds: float | None = None,
        on_wait: Callable[[], None] = _do_nothing,
    ) -> SendResult:
        """Send one email to one recipient. A failure is returned, never raised.

        `sender` is the envelope sender, by default that of the route. `seconds` limits the whole attempt. `on_wait` is
        called every 15 seconds.
        """
        deadline = self._monotonic() + (MAX_ATTEMPT_SECONDS if seconds is None else seconds)
        if self._connection is not None and self._monotonic() - self._last_used_at > IDLE_SECONDS:
            self.close()
        was_open = self._connection is not None
        result = self._attempt(sender or self._sender, recipient, data, deadline, on_wait)
        if was_open and result.route_failed:
            # The server has closed the idle connection, which is not a failure.
            result = self._attempt(sender or self._sender, recipient, data, deadline, on_wait)
        return result

    def probe(self, sender: str) -> str | None:
        """Connect to the mail server, log in and send MAIL FROM. Return the error class, or None if nothing failed."""
        self.close()
        try:
            self._connection_for_next_email(self._monotonic() + PROBE_SECONDS, _do_nothing).start_email(sender)
        except _SEND_ERRORS as error:
            return self._failure_result(error).error_class
        finally:
            self.close()
        return None

    def shorten_deadline(self, seconds: float) -> None:
        """Make the current attempt end within `seconds`. Another thread may call this."""
        connection = self._connection
        if connection is not None:
            connection.shorten_deadline(seconds)

    def close(self) -> None:
        """Close the connection with QUIT, and ignore the server's reply."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.start_attempt(self._monotonic() + QUIT_SECONDS, _do_nothing)
        with contextlib.suppress(*_SEND_ERRORS):
            connection.quit()
        connection.close()

    def _connection_for_next_email(self, deadline: float, on_wait: Callable[[], None]) -> SMTPConnection:
        """Start an attempt that ends by `deadline`, and return its connection: the open one, or else a new one."""
        if self._connection is not None:
            self._connection.start_attempt(deadline, on_wait)
            return self._connection
        ehlo_name = self._sender.rpartition("@")[2] or "localhost"
        self._connection = SMTPConnection(self._server, self._ca_file, ehlo_name, self._monotonic)
        self._connection.start_attempt(deadline, on_wait)
        self._connection.open()
        return self._connection

    def _attempt(
        self, sender: str, recipient: str, data: bytes, deadline: float, on_wait: Callable[[], None]
    ) -> SendResult:
        try:
            connection = self._connection_for_next_email(deadline, on_wait)
            connection.start_email(sender)
            connection.send_email(recipient, data)
        except _SEND_ERRORS as error:
            result = self._failure_result(error)
            self._reset_or_close(error)
            return result
        self._last_used_at = self._monotonic()
        return SendResult(True)

    def _failure_result(self, error: Exception) -> SendResult:
        connection = self._connection
        stage = connection.stage if connection is not None else Stage.CONNECTION
        timed_out = connection is not None and connection.timed_out
        error_class = error_class_of(error, timed_out)
        is_refused = isinstance(error, ReplyError) and error.is_refusal
        uncertain = stage is Stage.SENT and not is_refused
        if uncertain and not isinstance(error, ReplyError):
            error_class = "timeout-after-data" if error_class == "timeout" else "lost-after-data"
        return SendResult(
            accepted=False,
            error_class=error_class,
            permanent=isinstance(error, ReplyError) and error.is_permanent,
            uncertain=uncertain,
            route_failed=stage is Stage.CONNECTION,
            recipient_failed=stage is Stage.RECIPIENT,
        )

    def _reset_or_close(self, error: Exception) -> None:
        """Reset the connection if the server refused a recipient or an email.

        After any other error, or if the reset fails, close the connection.
        """
        connection = self._connection
        if connection is None:
            return
        if isinstance(error, ReplyError) and error.is_refusal and connection.stage is not Stage.CONNECTION:
            connection.start_attempt(self._monotonic() + QUIT_SECONDS, _do_nothing)
            with contextlib.suppress(*_SEND_ERRORS):
                if error.code != 421 and connection.rset()[0] == 250:
                    self._last_used_at = self._monotonic()
                    return
        connection.close()
        self._connection = None
