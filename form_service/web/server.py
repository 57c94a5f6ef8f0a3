"""The web process for production: waitress behind a proxy, with a stop that finishes the requests in flight."""

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server
from werkzeug.wsgi import ClosingIterator

from form_service import logs
from form_service.web import rate_limits

# The application refuses half of this with a page that says what to do; nginx refuses more (client_max_body_size).
WAITRESS_MAX_BODY_BYTES = 2 * rate_limits.MAX_BODY_BYTES
OPTIONS: dict[str, Any] = {
    "threads": 8,
    "connection_limit": 500,  # their bodies may take half of the memory that systemd allows (MemoryMax)
    "channel_timeout": 15,
    "max_request_header_size": 65_536,  # other sites of the same domain may have left many cookies
    "max_request_body_size": WAITRESS_MAX_BODY_BYTES,
    "inbuf_overflow": 2 * WAITRESS_MAX_BODY_BYTES,  # a body never touches the disk
    "ident": None,
    "clear_untrusted_proxy_headers": False,  # create_app decides which proxies to trust
}
# While the store does not answer, the other threads serve /healthz, leaving and the exit script.
MAX_THREADS_WAITING_FOR_STORE = 6
STOP_SECONDS, WATCH_SECONDS = 30.0, 20.0


class CannotListen(Exception):
    """The host and port are taken or are not on this machine; the text says which."""


def serve(app: Flask, host: str, port: int, watch: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, calling `watch` every few seconds. A second signal stops without waiting."""
    app.extensions["form_service"].store.use_web_timeouts(MAX_THREADS_WAITING_FOR_STORE)
    in_flight, stopping = set[object](), threading.Event()

    def counting(environ: Any, start_response: Any) -> ClosingIterator:
        in_flight.add(request := object())
        return ClosingIterator(app(environ, start_response), lambda: in_flight.discard(request))

    try:
        server: Any = create_server(counting, host=host, port=port, **OPTIONS)
    except (OSError, ValueError) as error:  # waitress raises ValueError for a host name that does not resolve
        raise CannotListen(getattr(error, "strerror", "the host name does not resolve")) from error

    def stop(*_: Any) -> None:
        if stopping.is_set():
            raise SystemExit  # server.run() catches it and returns
        stopping.set()
        threading.Thread(target=stop_when_idle, daemon=True).start()

    def stop_when_idle() -> None:
        begun, idle_checks = time.monotonic(), 0
        while idle_checks < 6 and time.monotonic() < begun + STOP_SECONDS:  # a response needs a moment to be sent
            time.sleep(0.05)
            server.accepting = time.monotonic() < begun + 0.3  # first accept the connections in the kernel's queue
            idle_checks = 0 if in_flight else idle_checks + 1
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    threading.Thread(target=watch_until, args=(stopping, watch), daemon=True).start()
    logs.event("web-started", host=host, port=int(server.effective_port))
    server.run()
    logs.event("web-stopped")


def watch_until(stopping: threading.Event, watch: Callable[[], None]) -> None:
    """Call `watch`, which reports a missing worker, every few seconds; an error in it is logged and stops nothing."""
    while not stopping.wait(WATCH_SECONDS):
        try:
            watch()
        except Exception as error:
            logs.unexpected(error)
