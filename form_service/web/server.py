"""The web process for production: waitress, with limits and a stop that loses nothing in flight."""

import contextlib
import ctypes
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask
from werkzeug.exceptions import HTTPException

from form_service import logs
from form_service.web import rate_limits

LARGEST_BODY_BYTES = (
    2 * rate_limits.LARGEST_BODY
)  # the application refuses half of it, with a page that says what to do
# Each may hold a body in memory, all of them together half of what the process may use (MemoryMax in deploy/systemd/).
MOST_CONNECTIONS = 500
LARGEST_HEADERS_BYTES = 65_536  # other sites of the same domain may have left many cookies
THREADS = 8
# The others are kept for /healthz, for leaving and for the exit's script while the store does not answer.
MOST_WAIT_FOR_THE_STORE = 6
ROOM = 100  # this many of them are kept free for those who come
STOP_SECONDS = 30.0
WATCH_SECONDS = 20.0
_PR_SET_DUMPABLE = 4


def protect_memory() -> None:
    """No core dump and no reading of this process's memory by others: it holds people's words for a moment."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class _OwnError(ErrorTask):  # type: ignore[misc]
    """What the server itself refuses never reached the application, which still makes the page that says so."""

    def execute(self) -> None:
        """Answer and close the connection."""
        error = self.request.error
        answer = _page(self.channel.server.flask, error.code, self.request.headers.get("ACCEPT", "text/html"))
        body = answer.get_data()
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [*answer.headers.items(), ("Connection", "close")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def _page(app: Flask, code: int, accept: str) -> Response:
    """The application's own page for a refusal; plain text when it cannot make one."""
    try:
        with app.test_request_context("/referral/", headers={"Accept": accept.encode("ascii", "ignore").decode()}):
            try:
                abort(code)
            except HTTPException as refusal:
                return app.process_response(app.make_response(app.handle_user_exception(refusal)))
    except Exception:
        logs.warn("no-error-page", code=code)
        return Response("Refused\n", content_type="text/plain; charset=utf-8")


class _Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _OwnError

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.since = time.monotonic()  # the last whole request, or the connection
        super().__init__(*arguments, **named)

    def received(self, data: bytes) -> bool:
        """Take what came, and note when a request is whole."""
        taken = bool(super().received(data))
        if self.requests:
            self.since = time.monotonic()
        return taken


class CannotListen(Exception):
    """The address is taken, or none of this machine's; the text says which."""


class WebServer:
    """waitress around the application. Raises CannotListen."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        try:
            self._server = self._listen(app, host, port)
        except OSError as error:
            raise CannotListen(error.strerror) from error
        except ValueError as error:  # what waitress makes of a name that leads nowhere
            raise CannotListen("there is no such address") from error
        self._server.channel_class = _Channel
        self._server.flask = app
        self.port = int(self._server.effective_port)
        self._stopping = False

    @staticmethod
    def _listen(app: Flask, host: str, port: int) -> Any:
        return create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=MOST_CONNECTIONS,
            backlog=1024,
            channel_timeout=15,
            cleanup_interval=5,
            max_request_header_size=LARGEST_HEADERS_BYTES,
            max_request_body_size=LARGEST_BODY_BYTES,
            inbuf_overflow=LARGEST_BODY_BYTES * 2,  # a body never touches the disk
            outbuf_overflow=LARGEST_BODY_BYTES * 4,
            ident="",
            expose_tracebacks=False,
            clear_untrusted_proxy_headers=False,
            asyncore_use_poll=True,
        )

    def stop(self, *_: Any) -> None:
        """Take no new connection, finish what has begun, then end `run`. Fit for a signal handler."""
        self._stopping = True
        self._server.pull_trigger()

    def run(self) -> None:
        """Serve until `stop`."""
        server = self._server
        loop = server.asyncore.loop
        try:
            while not self._stopping:
                loop(timeout=1, use_poll=True, map=server._map, count=1)
                self._make_room()
            server.accepting = False
            server.socket.close()
            server.del_channel()
            ends = time.monotonic() + STOP_SECONDS
            while self._busy() and time.monotonic() < ends:
                loop(timeout=0.05, use_poll=True, map=server._map, count=1)
        finally:
            server.task_dispatcher.shutdown()

    def _make_room(self) -> None:
        """When it gets crowded, whoever has gone longest without a whole request makes room for whoever comes.

        A limit alone would let some hundred connections of a byte now and then keep everybody else out, and a limit of
        time would cut off a person on a bad line while there is room for all.
        """
        channels = self._server.active_channels
        surplus = len(channels) - (MOST_CONNECTIONS - ROOM)
        if surplus > 0:
            waiting = sorted((one for one in channels.values() if not one.requests), key=lambda one: one.since)
            for channel in waiting[:surplus]:
                channel.will_close = True

    def _busy(self) -> bool:
        """Whether a request is running, or an answer not yet sent; connections with neither are closed."""
        busy = False
        for channel in list(self._server.active_channels.values()):
            if channel.requests or channel.total_outbufs_len or _half_received(channel):
                busy = True
            else:
                channel.will_close = True
        return busy


def _half_received(channel: Any) -> bool:
    """A request of which the server has a part: its sender believes that it is on its way."""
    return channel.request is not None and not channel.request.empty and time.time() - channel.last_activity < 5


def serve(app: Flask, host: str, port: int, watch: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `watch` is called every few seconds beside it."""
    protect_memory()
    app.extensions["front_door"].store.use_web_timeouts(MOST_WAIT_FOR_THE_STORE)
    server = WebServer(app, host, port)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, server.stop)
    ended = threading.Event()
    watcher = threading.Thread(target=_keep_watching, args=(watch, ended), name="watch", daemon=True)
    watcher.start()
    logs.event("web-started", host=host, port=server.port)
    server.run()
    ended.set()
    logs.event("web-stopped")


def _keep_watching(watch: Callable[[], None], ended: threading.Event) -> None:
    """The worker looks for incidents itself; this is for the incident that there is no worker."""
    while not ended.wait(WATCH_SECONDS):
        try:
            watch()
        except Exception as error:  # it must go on looking: nobody else would say that it stopped
            logs.unexpected(error)
