"""An SMTP connection: smtplib with deadlines that no server can extend, even by sending one byte at a time."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from form_service.config.smtp_url import MailServer
from form_service.mail import happy_eyeballs
from form_service.mail.smtp_errors import ReplyError, SMTPError

# The time to connect, log in and send MAIL FROM.
CONNECTION_SECONDS = 40.0
# The time from RCPT TO until the whole email is sent. A server that verifies the recipient with another server, or
# delays clients on purpose (tarpitting), may need more than a minute.
RECIPIENT_SECONDS = 120.0
# The time to wait for the last reply (RFC 5321, section 4.5.3.2.6). Giving up earlier could send an email twice.
FINAL_REPLY_SECONDS = 600.0
# How often a wait for the server checks its deadline, which `shorten_deadline` may have brought forward.
WAIT_SLICE_SECONDS = 1.0
# How often `on_wait` is called while an email is being sent.
ON_WAIT_INTERVAL_SECONDS = 15.0
# The time-out of a single write of up to 16 KB.
WRITE_SECONDS = 30.0
MAX_REPLY_BYTES = 1_000_000
# RFC 5321 allows 512 octets; a longer line is truncated, because only the code at its start matters.
MAX_LINE_BYTES = 4096
_LEADING_DOT_PATTERN = re.compile(rb"(?m)^\.")


class Stage(IntEnum):
    """The stage of an SMTP dialogue. It shows which other emails a failure at that stage would affect too."""

    CONNECTION = 1  # up to MAIL FROM: the next email would fail in the same way
    RECIPIENT = 2  # the next email to the same recipient would fail in the same way
    CONTENT = 3  # only this email fails
    SENT = 4  # all data is sent: without a reply it is unknown whether the email was accepted


class SMTPConnection(smtplib.SMTP):
    """A connection to the mail server. Failures raise SMTPError, OSError or smtplib.SMTPException."""

    def __init__(self, server: MailServer, ca_file: str, ehlo_name: str, monotonic: Callable[[], float]) -> None:
        self.timed_out = False
        self.stage = Stage.CONNECTION
        self._step_deadline = self._final_deadline = 0.0  # monotonic time
        self._on_wait: Callable[[], None] = lambda: None
        self._server = server
        self._ca_file = ca_file
        self._monotonic = monotonic
        self._on_wait_called_at = monotonic()
        super().__init__(local_hostname=ehlo_name)

    # The SMTP dialogue

    def start_attempt(self, final_deadline: float, on_wait: Callable[[], None]) -> None:
        """Set new deadlines. Call this before sending an email, RSET or QUIT.

        The attempt must end by `final_deadline`, in monotonic time. Until then, `on_wait` is called every
        ON_WAIT_INTERVAL_SECONDS.
        """
        self.stage = Stage.CONNECTION
        self._final_deadline, self._on_wait = final_deadline, on_wait
        self.set_step_deadline(CONNECTION_SECONDS)

    def set_step_deadline(self, seconds: float) -> None:
        """Limit the next step to `seconds`, or to the final deadline if that comes first."""
        self._step_deadline = min(self._final_deadline, self._monotonic() + seconds)

    def shorten_deadline(self, seconds: float) -> None:
        """Make the current attempt end within `seconds`. Another thread may call this."""
        self._final_deadline = min(self._final_deadline, self._monotonic() + seconds)
        self._step_deadline = min(self._step_deadline, self._final_deadline)

    def open(self) -> None:
        """Connect to the mail server, verify its certificate and log in. If an address fails, the next one is tried."""
        tls_context = self._tls_context()
        addresses = happy_eyeballs.resolve(self._server.host, self._server.port)
        deadline = self._step_deadline
        while True:
            self._step_deadline = min(deadline, self._final_deadline)
            connection, address = happy_eyeballs.connect(addresses, self.seconds_left())
            addresses.remove(address)
            if addresses:  # leave time to try the others
                self.set_step_deadline(self.seconds_left() / 2)
            try:
                self._start_session(connection, tls_context)
                break
            except (SMTPError, OSError, smtplib.SMTPException):
                self.close()
                if not addresses:
                    raise
                self.timed_out = False
        self._step_deadline = min(deadline, self._final_deadline)
        self._log_in()

    def start_email(self, sender: str) -> None:
        """Send MAIL FROM, which starts an email from `sender`."""
        self._expect("mail", self.mail(sender)[0])

    def send_email(self, recipient: str, data: bytes) -> None:
        """Send one email to one recipient, and wait until the server has accepted it."""
        self.stage = Stage.RECIPIENT
        self.set_step_deadline(RECIPIENT_SECONDS)
        self._expect("rcpt", self.rcpt(recipient)[0])
        self._expect("data", self.docmd("data")[0], 300)
        self.stage = Stage.CONTENT
        dot_stuffed_data = _LEADING_DOT_PATTERN.sub(b"..", data)
        self.send(dot_stuffed_data if dot_stuffed_data.endswith(b"\r\n") else dot_stuffed_data + b"\r\n")
        self.stage = Stage.SENT
        self.set_step_deadline(FINAL_REPLY_SECONDS)
        self.send(b".\r\n")
        self._expect("content", self.getreply()[0])

    def seconds_left(self) -> float:
        """Call `on_wait` if that is due, and return the seconds until the step deadline.

        Raises TimeoutError if the deadline has passed.
        """
        now = self._monotonic()
        if now - self._on_wait_called_at >= ON_WAIT_INTERVAL_SECONDS:
            self._on_wait_called_at = now
            self._on_wait()
        if now >= self._step_deadline:
            self.timed_out = True
            raise TimeoutError
        return self._step_deadline - now

    def _tls_context(self) -> ssl.SSLContext:
        """Return a TLS context. Raises SMTPError if the file of certificate authorities is unusable."""
        if not (self._server.uses_implicit_tls or self._server.requires_starttls):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used: this connection has no TLS
        context = ssl.create_default_context()  # read each time, so that a renewed file needs no restart
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._ca_file:
            try:
                context.load_verify_locations(cafile=self._ca_file)
            except (OSError, ValueError) as error:
                raise SMTPError("ca-file") from error
        return context

    def _start_session(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self._host = self._server.host
        self.sock = connection
        # With Nagle's algorithm the final dot, a small packet, would wait for a delayed acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(self.seconds_left())
        if self._server.uses_implicit_tls:
            self.sock = context.wrap_socket(connection, server_hostname=self._server.host)
        self._expect("greeting", self.getreply()[0])
        self._expect("ehlo", self.ehlo()[0])
        if not self._server.requires_starttls:
            return
        if not self.has_extn("starttls"):
            raise SMTPError("no-starttls")
        self._expect("starttls", self.docmd("STARTTLS")[0])
        connection.settimeout(self.seconds_left())
        self.sock = context.wrap_socket(connection, server_hostname=self._server.host)
        self.file = None  # discard anything received before TLS
        self.esmtp_features = {}
        self._expect("ehlo", self.ehlo()[0])

    def _log_in(self) -> None:
        if not self._server.user:
            return
        try:
            self.login(self._server.user, self._server.password)
        except smtplib.SMTPResponseException as error:
            raise ReplyError("auth", error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise SMTPError("login-not-offered") from error
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise SMTPError("login-mechanism") from error

    @staticmethod
    def _expect(step: str, code: int, lowest_code: int = 200) -> None:
        if not lowest_code <= code < lowest_code + 100:
            raise ReplyError(step, code)

    # Called by smtplib

    def send(self, data: Any) -> None:
        """Send `data` to the server. This overrides smtplib's method.

        Raises SMTPServerDisconnected if the connection is lost or the step deadline passes first.
        """
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        payload = data.encode("ascii") if isinstance(data, str) else data
        try:
            for start in range(0, len(payload), 16384):
                self.sock.settimeout(min(self.seconds_left(), WRITE_SECONDS))
                self.sock.sendall(payload[start : start + 16384])
        except OSError as error:
            self.timed_out = self.timed_out or isinstance(error, TimeoutError)
            self.close()
            raise smtplib.SMTPServerDisconnected("lost") from error

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's reply. This overrides smtplib's method.

        Raises SMTPServerDisconnected if the connection is lost or the step deadline passes first.
        """
        if self.file is None:
            self.file = _ReplyReader(self)
        return super().getreply()

    def receive(self) -> bytes:
        """Return the next bytes from the server, or b"" if it has closed the connection.

        Raises TimeoutError at the step deadline.
        """
        while True:
            seconds = self.seconds_left()
            if self.sock is None:
                raise OSError("closed")
            self.sock.settimeout(min(seconds, WAIT_SLICE_SECONDS))
            try:
                return self.sock.recv(8192)
            except TimeoutError:
                continue  # until the deadline


class _ReplyReader:
    """A file-like reader of the server's replies, which limits their size."""

    def __init__(self, connection: SMTPConnection) -> None:
        self._connection = connection
        self._buffer = b""
        self._total_bytes = 0

    def readline(self, _limit: int) -> bytes:
        line = b""
        while True:
            piece, newline, remainder = self._buffer.partition(b"\n")
            line = (line + piece + newline)[:MAX_LINE_BYTES]
            self._buffer = remainder
            if newline:
                return line
            chunk = self._connection.receive()
            self._total_bytes += len(chunk)
            if self._total_bytes > MAX_REPLY_BYTES:
                raise OSError("endless reply")
            if not chunk:
                return line
            self._buffer = chunk

    def close(self) -> None:
        self._buffer = b""
