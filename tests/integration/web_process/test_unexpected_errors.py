"""An unexpected error in one email, certificate or check ends neither the worker nor the monitoring thread."""

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
from tests.support.service_parts import STORY, Clock, ServiceParts, settings_of


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """Yield a function that returns the service's log so far, in its own format."""
    root = logging.getLogger()
    handlers, stream = root.handlers[:], io.StringIO()
    logs.configure(stream)
    yield stream.getvalue
    root.handlers[:] = handlers


class FailingRoute:
    """A mail route that raises an exception for emails that contain `poison`."""

    def __init__(self, poison: str) -> None:
        self.poison = poison
        self.sent: list[bytes] = []

    def send(self, recipient: str, data: bytes, *_: object) -> SendResult:
        if self.poison.encode() in data:
            raise RuntimeError(STORY)
        self.sent.append(data)
        return SendResult(True)

    def shorten_deadline(self, seconds: float) -> None:
        pass

    def close(self) -> None:
        pass


def test_one_mail_that_breaks_the_code_starves_nobody(parts: ServiceParts, logged: Callable[[], str]) -> None:
    poison, good = parts.accept(), [parts.accept() for _ in range(3)]
    route = FailingRoute(poison)
    worker = worker_of(parts, route)  # type: ignore[arg-type]
    worker.run(once=True)
    assert len(route.sent) == len(good)
    (row,) = parts.store.reports.waiting_deliveries()
    assert (row.reference, row.error, row.tries) == (poison, "unexpected", 1)
    assert '"error": "RuntimeError"' in logged() and STORY not in logged()


def test_a_fault_of_the_worker_itself_does_not_end_it(
    parts: ServiceParts, clock: Clock, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = parts.accept()
    route = FailingRoute("nothing has this in it")
    worker = worker_of(parts, route)  # type: ignore[arg-type]
    purge, failed = parts.store.purge, list[bool]()

    def failing(*arguments: Any, **options: Any) -> object:
        if not failed:
            failed.append(True)
            raise RuntimeError(STORY)
        return purge(*arguments, **options)

    monkeypatch.setattr(parts.store, "purge", failing)
    running = threading.Thread(target=worker.run)
    running.start()
    for _ in range(100):
        if (route.sent and failed) or not running.is_alive():
            break
        running.join(0.1)
    worker.stop()
    running.join()
    assert failed and len(route.sent) == 1 and name.encode() in route.sent[0]
    assert "unexpected" in logged() and STORY not in logged()


def test_the_watch_goes_on_after_a_fault(logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CHECK_INTERVAL_SECONDS", 0.01)
    stopping, looks = threading.Event(), list[bool]()

    def watch() -> None:
        looks.append(True)
        if len(looks) == 3:
            stopping.set()
        raise RuntimeError(STORY)

    server.check_until(stopping, watch)
    assert len(looks) == 3
    assert '"error": "RuntimeError"' in logged() and STORY not in logged()


@pytest.mark.parametrize("part", ["%C3%A9:password", "user:%C3%A9%C3%A8"])
@pytest.mark.parametrize("name", ["FORM_SMTP_URL", "FORM_ALERT_SMTP_URL"])
def test_a_login_that_smtp_cannot_carry_is_refused_at_the_start(tmp_path: Path, name: str, part: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} .*ASCII"):
        settings_of(tmp_path, **{name: f"smtps://{part}@mail.service.example:465"})


def test_a_certificate_on_a_curve_that_we_cannot_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "odd.pem"
    curve = "ec_paramgen_curve:secp224k1"
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-subj", "/CN=odd", "-days", "30")
    subprocess.run([*made, "-keyout", str(tmp_path / "key.pem"), "-out", str(file)], check=True, capture_output=True)
    problem = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(file))).problem()
    assert problem is not None and "RSA" in problem


def test_reserved_space_that_cannot_be_released_is_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(_path: Path, missing_ok: bool = False) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", read_only)
    ReservedSpace(tmp_path).release()
