"""An SMTP server that can simulate faults at any stage of the conversation."""

import contextlib
import re
import select
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_DEFAULT_REPLIES = {
    "greeting": "220 ready",
    "mail": "250 ok",
    "rcpt": "250 ok",
    "data": "354 go on",
    "content": "250 accepted",
    "quit": "221 bye",
    "starttls": "220 go on",
    "auth": "235 ok",
}


@dataclass
class ReceivedEmail:
    """An email that the server accepted, even if its reply did not reach the client."""

    sender: str
    recipient: str
    data: bytes
    over_tls: bool


@dataclass
class Behaviour:
    """The faults, TLS and timing of a `MailServer`.

    A fault is a reply such as "450 later", or what the server does instead: "hang" (send nothing), "drop" (close the
    connection) or "drip" (send an endless reply byte by byte). "after 20: 450 later" replies after 20 seconds.
    """

    faults: dict[str, str] = field(default_factory=dict)  # by stage
    refusals: dict[str, str] = field(default_factory=dict)  # a reply or fault, by recipient or sender
    faults_by_recipient: dict[str, dict[str, str]] = field(default_factory=dict)  # by recipient, then stage
    tls_context: ssl.SSLContext | None = None
    implicit_tls: bool = False
    auth_mechanisms: str = "PLAIN"  # if empty, AUTH is not offered
    reply_delay: float = 0.0  # delay of every reply, in seconds
    # Waits for some seconds; the second argument is a function that tells whether the client has disconnected.
    sleep: Callable[[float, Callable[[], bool]], None] = lambda seconds, _has_disconnected: time.sleep(seconds)


class MailServer:
    """An SMTP server in background threads, by default on loopback; it runs until `close` is called."""

    def __init__(self, behaviour: Behaviour | None = None, host: str = "127.0.0.1") -> None:
        self.behaviour = behaviour or Behaviour()
        self.received_emails: list[ReceivedEmail] = []
        self.rcpt_addresses: list[str] = []  # recipient of every RCPT command
        self.on_received: Callable[[ReceivedEmail], None] = lambda _email: None
        self.connection_count = 0
        self.delivery_attempt_count = 0
        self.hang_poll_seconds = 0.01  # between two checks of whether a waiting client has disconnected
        self.drip_interval_seconds = 0.1  # between two bytes of a dripped reply
        self.closing_event = threading.Event()
        self.lock = threading.Lock()
        mail_server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with mail_server.lock:
                    mail_server.connection_count += 1
                session = _Session(mail_server, self.request)
                with contextlib.suppress(OSError, _ConnectionDropped, ClientDisconnected):
                    session.run()
                session.close()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Server((host, 0), Handler)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the server's URL for FORM_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop listening, and disconnect the clients that wait for a reply."""
        self.closing_event.set()
        self._server.shutdown()
        self._server.server_close()


class _ConnectionDropped(Exception):
    pass


class ClientDisconnected(Exception):
    """Raised by `Behaviour.sleep` if the client has disconnected."""


class _Session:
    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = self.socket = connection
        self.over_tls = False
        self.sender = self.recipient = ""
        self.file = self.socket.makefile("rb")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.file.close()
            self.socket.close()

    def _encrypt(self) -> None:
        assert self.server.behaviour.tls_context
        self.file.close()
        self.socket = self.server.behaviour.tls_context.wrap_socket(self.socket, server_side=True)
        self.file = self.socket.makefile("rb")
        self.over_tls = True

    def _reply_at_stage(self, stage: str, default: str | None = None) -> bool:
        """Send the reply or the simulated fault of this stage of the conversation; return False for a fault."""
        behaviour = self.server.behaviour
        if behaviour.reply_delay:
            self._sleep(behaviour.reply_delay)
        fault = behaviour.faults_by_recipient.get(self.recipient, {}).get(stage) or behaviour.faults.get(stage)
        return self._reply(fault, default or _DEFAULT_REPLIES[stage])

    def _reply(self, fault: str | None, default: str) -> bool:
        if fault and (match := re.fullmatch(r"after (\d+): ?(.*)", fault, re.DOTALL)):
            self._sleep(float(match[1]))
            fault = match[2] or None
        if fault == "hang":
            self._hang()
        if fault == "drop":
            raise _ConnectionDropped
        if fault == "drip":
            while not self.server.closing_event.is_set():
                self.socket.sendall(b"2")
                self._sleep(self.server.drip_interval_seconds)
            raise _ConnectionDropped
        self.socket.sendall((fault or default).encode() + b"\r\n")
        return fault is None

    def _hang(self) -> None:
        """Send nothing until the client disconnects or the server closes, then drop the connection."""
        while not self.server.closing_event.is_set() and not self._client_has_disconnected():
            self._sleep(self.server.hang_poll_seconds)
        raise _ConnectionDropped

    def _sleep(self, seconds: float) -> None:
        self.server.behaviour.sleep(seconds, self._client_has_disconnected)

    def _client_has_disconnected(self) -> bool:
        """Return whether the client has closed the connection. Any unread data stays in the buffer."""
        readable_sockets, _, _ = select.select([self.socket], [], [], 0)
        try:
            return bool(readable_sockets) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def run(self) -> None:
        if self.server.behaviour.implicit_tls:
            self._encrypt()
        if not self._reply_at_stage("greeting"):
            return
        handlers = {
            "EHLO": self._handle_ehlo,
            "STARTTLS": self._handle_starttls,
            "AUTH": lambda _: self._reply_at_stage("auth"),
            "MAIL": self._handle_mail,
            "RCPT": self._handle_rcpt,
            "DATA": self._handle_data,
        }
        while line := self.file.readline():
            command = line.decode("ascii", "replace").strip()
            verb = command.split(" ")[0].upper()
            if verb == "QUIT":
                self._reply_at_stage("quit")
                return
            handlers.get(verb, lambda _: self.socket.sendall(b"250 ok\r\n"))(command)

    def _handle_ehlo(self, _command: str) -> None:
        ehlo_lines = ["250-test"]
        if self.server.behaviour.tls_context and not self.over_tls:
            ehlo_lines.append("250-STARTTLS")
        mechanisms = self.server.behaviour.auth_mechanisms
        self._reply_at_stage("ehlo", "\r\n".join([*ehlo_lines, f"250 AUTH {mechanisms}" if mechanisms else "250 HELP"]))

    def _handle_starttls(self, _command: str) -> None:
        if self._reply_at_stage("starttls"):
            self._encrypt()

    def _handle_mail(self, command: str) -> None:
        with self.server.lock:
            self.server.delivery_attempt_count += 1
        self.recipient = ""
        self.sender = command.partition("<")[2].partition(">")[0]
        self._reply_to_address("mail", self.sender)

    def _handle_rcpt(self, command: str) -> None:
        self.recipient = command.partition("<")[2].partition(">")[0]
        with self.server.lock:
            self.server.rcpt_addresses.append(self.recipient)
        self._reply_to_address("rcpt", self.recipient)

    def _reply_to_address(self, stage: str, address: str) -> None:
        if refusal := self.server.behaviour.refusals.get(address):
            self._reply(refusal, "")
        else:
            self._reply_at_stage(stage)

    def _handle_data(self, _command: str) -> None:
        if self._reply_at_stage("data"):
            self._receive_content(self.sender, self.recipient)

    def _receive_content(self, sender: str, recipient: str) -> None:
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise _ConnectionDropped  # an incomplete email does not count
            lines.append(line[1:] if line.startswith(b".") else line)
        behaviour = self.server.behaviour
        fault = behaviour.faults_by_recipient.get(recipient, {}).get("content") or behaviour.faults.get("content", "")
        if not re.match(r"(after \d+: ?)?[45]", fault):
            mail = ReceivedEmail(sender, recipient, b"".join(lines), self.over_tls)
            with self.server.lock:
                self.server.received_emails.append(mail)
                self.server.on_received(mail)
        self._reply_at_stage("content")
