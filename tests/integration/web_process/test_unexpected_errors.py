"""An exception in handling an email, a certificate or a check ends neither the worker nor the monitoring thread."""

import io
import logging
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from form_service import logs
from form_service.config.settings import SettingsError
from form_service.crypto import Sealer
from form_service.mail.smtp_client import SendResult
from form_service.store.engine.disk import ReservedSpace
from form_service.web import server
from tests.support.delivery import worker_of
from tests.support.service_parts import SAFETY_NOTE, ServiceParts, settings_of


@pytest.fixture
def log_text() -> Iterator[Callable[[], str]]:
    """Yield a function that returns the log so far, in its production format."""
    root = logging.getLogger()
    handlers, stream = root.handlers[:], io.StringIO()
    logs.configure(stream)
    yield stream.getvalue
    root.handlers[:] = handlers


class FailingRoute:
    """A mail route that raises an exception for emails that contain `failing_text`."""

    def __init__(self, failing_text: str) -> None:
        self.failing_text = failing_text
        self.sent_emails: list[bytes] = []

    def send(self, recipient: str, data: bytes, *_: object) -> SendResult:
        if self.failing_text.encode() in data:
            raise RuntimeError(SAFETY_NOTE)
        self.sent_emails.append(data)
        return SendResult(True)

    def shorten_deadline(self, seconds: float) -> None:
        pass

    def close(self) -> None:
        pass


def test_an_email_that_raises_an_exception_delays_no_other(parts: ServiceParts, log_text: Callable[[], str]) -> None:
    failing_reference, other_references = parts.accept(), [parts.accept() for _ in range(3)]
    route = FailingRoute(failing_reference)
    worker = worker_of(parts, route)  # type: ignore[arg-type]
    worker.run(once=True)
    assert len(route.sent_emails) == len(other_references)
    (row,) = parts.store.reports.waiting_deliveries()
    assert (row.reference, row.error, row.tries) == (failing_reference, "unexpected", 1)
    assert '"error": "RuntimeError"' in log_text() and SAFETY_NOTE not in log_text()


def test_an_exception_in_the_purge_does_not_stop_the_worker(
    parts: ServiceParts, log_text: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = parts.accept()
    route = FailingRoute("not in any email")
    worker = worker_of(parts, route)  # type: ignore[arg-type]
    original_purge, failures = parts.store.purge, list[bool]()

    def fail_once(*arguments: Any, **options: Any) -> object:
        if not failures:
            failures.append(True)
            raise RuntimeError(SAFETY_NOTE)
        return original_purge(*arguments, **options)

    monkeypatch.setattr(parts.store, "purge", fail_once)
    thread = threading.Thread(target=worker.run)
    thread.start()
    for _ in range(100):
        if (route.sent_emails and failures) or not thread.is_alive():
            break
        thread.join(0.1)
    worker.stop()
    thread.join()
    assert failures and len(route.sent_emails) == 1 and reference.encode() in route.sent_emails[0]
    assert "unexpected" in log_text() and SAFETY_NOTE not in log_text()


def test_an_exception_does_not_stop_the_monitoring_thread(
    log_text: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CHECK_INTERVAL_SECONDS", 0.01)
    stop_requested, runs = threading.Event(), list[bool]()

    def fail_each_time() -> None:
        runs.append(True)
        if len(runs) == 3:
            stop_requested.set()
        raise RuntimeError(SAFETY_NOTE)

    server.check_repeatedly(stop_requested, fail_each_time)
    assert len(runs) == 3
    assert '"error": "RuntimeError"' in log_text() and SAFETY_NOTE not in log_text()


@pytest.mark.parametrize("login", ["%C3%A9:password", "user:%C3%A9%C3%A8"])
@pytest.mark.parametrize("name", ["FORM_SMTP_URL", "FORM_ALERT_SMTP_URL"])
def test_a_mail_login_with_non_ascii_characters_is_refused_at_start(tmp_path: Path, name: str, login: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} .*ASCII"):
        settings_of(tmp_path, **{name: f"smtps://{login}@mail.service.example:465"})


def test_a_certificate_with_an_unsupported_curve_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "odd.pem"
    curve = "ec_paramgen_curve:secp224k1"
    command = f"openssl req -x509 -newkey ec -pkeyopt {curve} -nodes -subj /CN=odd -days 30".split()
    subprocess.run([*command, "-keyout", str(tmp_path / "key.pem"), "-out", str(file)], check=True, capture_output=True)
    problem = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(file))).problem()
    assert problem is not None and "RSA" in problem


def test_reserved_space_that_cannot_be_released_is_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_read_only(_path: Path, missing_ok: bool = False) -> None:
        raise OSError(30, "Read-only file system")

    reserved_space = ReservedSpace(tmp_path)
    assert reserved_space.reserve()
    monkeypatch.setattr(Path, "unlink", raise_read_only)
    reserved_space.release()
    assert (tmp_path / "reserved-space").exists()
