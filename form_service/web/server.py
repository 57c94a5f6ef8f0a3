"""The web process for production: waitress behind a proxy. When stopped, it finishes the requests in flight."""

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
WAITRESS_OPTIONS: dict[str, Any] = {
    "threads": 8,
    "connection_limit": 500,  # request bodies may take half of the memory that systemd allows (MemoryMax)
    "channel_timeout": 15,
    "max_request_header_size": 65_536,  # other sites of the same domain may have left many cookies
    "max_request_body_size": WAITRESS_MAX_BODY_BYTES,
    "inbuf_overflow": 2 * WAITRESS_MAX_BODY_BYTES,  # a body never touches the disk
    "ident": None,
    "clear_untrusted_proxy_headers": False,  # create_app decides which proxies to trust
}
# While the store does not answer, the other threads serve /healthz, the quick exit and its script.
MAX_THREADS_WAITING_FOR_STORE = 6
STOP_SECONDS, CHECK_INTERVAL_SECONDS = 30.0, 20.0


class CannotListen(Exception):
    """Raised if the server cannot listen on the host and port. The message gives the reason."""


def serve(app: Flask, host: str, port: int, check: Callable[[], None]) -> None:
    """Serve the form until SIGTERM or SIGINT, then finish the requests in flight. Raises CannotListen.

    A second signal stops the server at once. `check` is called every CHECK_INTERVAL_SECONDS in a thread of its own.
    """
    app.extensions["form_service"].store.use_web_timeouts(MAX_THREADS_WAITING_FOR_STORE)
    requests_in_flight, stop_requested = set[object](), threading.Event()

    def track_request(environ: Any, start_response: Any) -> ClosingIterator:
        requests_in_flight.add(request_token := object())
        return ClosingIterator(app(environ, start_response), lambda: requests_in_flight.discard(request_token))

    try:
        server: Any = create_server(track_request, host=host, port=port, **WAITRESS_OPTIONS)
    except (OSError, ValueError) as error:  # waitress raises ValueError for a host name that does not resolve
        raise CannotListen(getattr(error, "strerror", "the host name does not resolve")) from error

    def stop(*_: Any) -> None:
        if stop_requested.is_set():
            raise SystemExit  # server.run() catches it and returns
        stop_requested.set()
        threading.Thread(target=stop_when_idle, daemon=True).start()

    def stop_when_idle() -> None:
        started_at, idle_count = time.monotonic(), 0
        while idle_count < 6 and time.monotonic() < started_at + STOP_SECONDS:  # a response needs a moment to be sent
            time.sleep(0.05)
            server.accepting = time.monotonic() < started_at + 0.3  # first accept the connections in the kernel's queue
            idle_count = 0 if requests_in_flight else idle_count + 1
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, stop)
    threading.Thread(target=check_repeatedly, args=(stop_requested, check), daemon=True).start()
    logs.event("web-started", host=host, port=int(server.effective_port))
    server.run()
    logs.event("web-stopped")


def check_repeatedly(stop_requested: threading.Event, check: Callable[[], None]) -> None:
    """Call `check` every CHECK_INTERVAL_SECONDS until `stop_requested` is set. Log its exceptions."""
    while not stop_requested.wait(CHECK_INTERVAL_SECONDS):
        try:
            check()
        except Exception as error:
            logs.exception(error)
