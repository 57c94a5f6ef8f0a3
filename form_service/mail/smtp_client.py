"""Handing a mail over by SMTP: verified TLS, one deadline for the whole conversation, a result decided before QUIT.

Each mail goes to one recipient, so that no recipient's refusal can touch another. Failures are told as a class such as
"rcpt-550", never in the server's words, which may quote an address.
"""

import contextlib
import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

from form_service.config.smtp_url import MailServer

# Less than the lease of a claim, with room to record the result.
DEADLINE_SECONDS = 40.0
QUIT_SECONDS = 2.0
LONGEST_REPLIES_BYTES = 1_000_000
_IDLE_SECONDS = 20.0
_LINE_START_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class Handed:
    """What became of handing a mail over.

    `permanent`: the server said never; `maybe`: it may have taken the mail without telling us; `route`: the failure is
    not about this mail, and the next would meet it too.
    """

    taken: bool
    error: str = ""
    permanent: bool = False
    maybe: bool = False
    route: bool = False


class _Refused(Exception):
    def __init__(self, stage: str, code: int, route: bool) -> None:
        super().__init__(stage)
        self.answer = Handed(False, f"{stage}-{code}", permanent=500 <= code < 600, route=route or code == 421)


class _Conversation(smtplib.SMTP):
    """smtplib with one deadline over all reads, writes and handshakes, so that a dripping server cannot hold us."""

    def __init__(self, server: MailServer, context: ssl.SSLContext, name: str, deadline: float) -> None:
        self.deadline = deadline
        self.timed_out = False
        self._server = server
        self._context = context
        super().__init__(local_hostname=name)

    def left(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            self.timed_out = True
            raise TimeoutError
        return seconds

    def _reach(self, host: str, port: int) -> socket.socket:
        failure: OSError = OSError("no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(self.left())
                connection.connect(address)
                if not self._server.implicit_tls:
                    return connection
                connection.settimeout(self.left())
                return self._context.wrap_socket(connection, server_hostname=host)
            except OSError as error:
                connection.close()
                failure = error
        raise failure

    def send(self, data: Any) -> None:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        payload = data.encode("ascii") if isinstance(data, str) else data
        try:
            for start in range(0, len(payload), 16384):
                self.sock.settimeout(self.left())
                self.sock.sendall(payload[start : start + 16384])
        except OSError as error:
            self.timed_out = self.timed_out or isinstance(error, TimeoutError)
            self.close()
            raise smtplib.SMTPServerDisconnected("lost") from error

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = _Reader(self)
        return super().getreply()

    def greet(self) -> None:
        """Connect, prove the server's name, log in. Raises _Refused or OSError."""
        self._host = self._server.host
        self.sock = self._reach(self._server.host, self._server.port)
        self._expect("greeting", self.getreply()[0], 220)
        self._expect("ehlo", self.ehlo()[0], 250)
        if self._server.starttls:
            if not self.has_extn("starttls"):
                raise _NoStartTLS
            self.sock.settimeout(self.left())
            self._expect("starttls", self.starttls(context=self._context)[0], 220)
            self._expect("ehlo", self.ehlo()[0], 250)
        if self._server.user:
            try:
                self.login(self._server.user, self._server.password)
            except smtplib.SMTPResponseException as error:
                raise _Refused("auth", error.smtp_code, route=True) from error
            except smtplib.SMTPNotSupportedError as error:
                raise _Refused("auth", 0, route=True) from error

    def hand_over(self, sender: str, recipient: str, data: bytes) -> None:
        """One mail to one recipient; returns when the server has taken it. Raises _Refused, _Unknown or OSError."""
        self.name_sender(sender)
        code = self.rcpt(recipient)[0]
        self._expect("rcpt", code, 251 if code == 251 else 250, route=False)
        self._expect("data", self.docmd("data")[0], 354, route=False)
        stuffed = _LINE_START_DOT.sub(b"..", data)
        try:
            self.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code = self.getreply()[0]
        except smtplib.SMTPServerDisconnected as error:
            raise _Unknown("timeout-after-data" if self.timed_out else "lost-after-data") from error
        self._expect("content", code, 250, route=False)

    def name_sender(self, sender: str) -> None:
        """Begin a mail. Raises _Refused or OSError."""
        self._expect("mail", self.mail(sender)[0], 250)

    @staticmethod
    def _expect(stage: str, code: int, wanted: int, route: bool = True) -> None:
        if code != wanted:
            raise _Refused(stage, code, route)


class _NoStartTLS(Exception):
    pass


class _Unknown(Exception):
    """The mail was on its way when the connection ended."""


class _Reader:
    """Reads lines under the conversation's deadline, whatever pieces they come in."""

    def __init__(self, conversation: _Conversation) -> None:
        self._conversation = conversation
        self._buffer = b""
        self._total = 0

    def readline(self, limit: int) -> bytes:
        while b"\n" not in self._buffer and len(self._buffer) < limit:
            connection = self._conversation.sock
            if connection is None or self._total > LONGEST_REPLIES_BYTES:
                raise OSError("closed")
            try:
                connection.settimeout(self._conversation.left())
                piece = connection.recv(8192)
            except TimeoutError:
                self._conversation.timed_out = True
                raise
            if not piece:
                break
            self._total += len(piece)
            self._buffer += piece
        end = min(self._buffer.find(b"\n") + 1 or len(self._buffer), limit)
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        return line

    def close(self) -> None:
        self._buffer = b""


class MailRoute:
    """A way to a mail server. The connection is kept for the next mail."""

    def __init__(self, server: MailServer, ca_file: str, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._context = ssl.create_default_context()
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        if ca_file:
            self._context.load_verify_locations(cafile=ca_file)
        self._open: _Conversation | None = None
        self._used_at = 0.0

    def send(self, recipient: str, data: bytes, sender: str | None = None, seconds: float = DEADLINE_SECONDS) -> Handed:
        """Hand one mail to one recipient within so many seconds; never raises for what a server or network does."""
        deadline = time.monotonic() + seconds
        if self._open is not None and time.monotonic() - self._used_at > _IDLE_SECONDS:
            self.close()
        kept = self._open is not None
        answer = self._try(sender or self._sender, recipient, data, deadline)
        if kept and not answer.taken and answer.route:
            # A kept connection that the server has closed meanwhile is no failure: once more on a fresh one.
            answer = self._try(sender or self._sender, recipient, data, deadline)
        return answer

    def probe(self, sender: str | None = None, seconds: float = 15.0) -> str | None:
        """Connect, verify, log in and name the sender, without sending; the class of what is wrong, or None."""
        self.close()
        try:
            self._connect(time.monotonic() + seconds).name_sender(sender or self._sender)
        except (_Refused, _NoStartTLS, OSError, smtplib.SMTPException) as error:
            return self._class_of(error).error
        finally:
            self.close()
        return None

    def close(self) -> None:
        """End the conversation politely; whatever the server says to QUIT changes nothing."""
        conversation, self._open = self._open, None
        if conversation is None:
            return
        conversation.deadline = time.monotonic() + QUIT_SECONDS
        with contextlib.suppress(OSError, smtplib.SMTPException):
            conversation.quit()
        conversation.close()

    def _connect(self, deadline: float) -> _Conversation:
        name = self._sender.rpartition("@")[2] or "localhost"
        conversation = _Conversation(self._server, self._context, name, deadline)
        self._open = conversation
        conversation.greet()
        return conversation

    def _try(self, sender: str, recipient: str, data: bytes, deadline: float) -> Handed:
        try:
            conversation = self._open or self._connect(deadline)
            conversation.deadline = deadline
            conversation.hand_over(sender, recipient, data)
        except (_Refused, _NoStartTLS, _Unknown, OSError, smtplib.SMTPException) as error:
            answer = self._class_of(error)
            self._after_failure(answer)
            return answer
        self._used_at = time.monotonic()
        return Handed(True)

    def _after_failure(self, answer: Handed) -> None:
        conversation = self._open
        if conversation is None:
            return
        if not answer.route and not answer.maybe:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if conversation.rset()[0] == 250:
                    self._used_at = time.monotonic()
                    return
        conversation.close()
        self._open = None

    def _class_of(self, error: Exception) -> Handed:
        if isinstance(error, _Refused):
            return error.answer
        if isinstance(error, _Unknown):
            return Handed(False, str(error), maybe=True)
        if isinstance(error, _NoStartTLS):
            return Handed(False, "no-starttls", route=True)
        return Handed(False, self._failure(error), route=True)

    def _failure(self, error: Exception) -> str:
        conversation = self._open
        if isinstance(error, ssl.SSLCertVerificationError):
            return "tls-certificate"
        if isinstance(error, ssl.SSLError):
            return "tls"
        if isinstance(error, TimeoutError) or (conversation is not None and conversation.timed_out):
            return "timeout"
        if isinstance(error, socket.gaierror):
            return "name-not-found"
        if isinstance(error, ConnectionRefusedError):
            return "connection-refused"
        return "connection-lost"
