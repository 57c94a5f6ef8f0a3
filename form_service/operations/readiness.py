"""Whether a referral can be accepted and delivered now, and if not, why. Nothing personal is in any answer."""

import time
from dataclasses import dataclass

from form_service.crypto import Seal
from form_service.store import Store, StoreUnavailable
from form_service.store.engine.disk import LOW_BYTES, RECOVERED_BYTES, free_bytes

LATE_SECONDS = 3600.0
WORKER_DEAD_SECONDS = 90.0
_REMEMBERED_SECONDS = 1.0


@dataclass(frozen=True)
class Readiness:
    """The answer of /readyz. `failed` names the checks that failed, with a class of the reason each."""

    failed: dict[str, str]
    waiting: int | None
    oldest_seconds: int | None

    @property
    def ready(self) -> bool:
        """Whether every check passed."""
        return not self.failed

    def as_dict(self) -> dict[str, object]:
        """For the JSON answer."""
        checks = {name: self.failed.get(name, "ok") for name in ("store", "keys", "disk", "worker", "oldest")}
        return {"ready": self.ready, "checks": checks, "waiting": self.waiting, "oldest_seconds": self.oldest_seconds}


class ReadinessCheck:
    """Looks at store, keys, disk and worker; remembers the answer for a second, because anybody may ask."""

    def __init__(self, seal: Seal, store: Store) -> None:
        self._seal = seal
        self._store = store
        self._last: tuple[float, Readiness] | None = None

    def __call__(self) -> Readiness:
        """The state now, or a second ago."""
        if self._last is not None and time.monotonic() - self._last[0] < _REMEMBERED_SECONDS:
            return self._last[1]
        answer = self.look()
        self._last = (time.monotonic(), answer)
        return answer

    def look(self) -> Readiness:
        """The state now."""
        failed: dict[str, str] = {}
        problem = self._seal.flaw()
        if problem is not None:
            failed["keys"] = problem
        if low_disk(self._store):
            failed["disk"] = "low"
        waiting, oldest = None, None
        try:
            self._store.facts.set("written")
            state, problem = self._store.reports.state(), self._store.problem()
        except StoreUnavailable as error:
            failed["store"] = error.kind
        else:
            if problem is not None:
                failed["store"] = problem
            waiting, oldest = state.waiting, state.oldest_age
            if state.heartbeat_age is None or state.heartbeat_age > WORKER_DEAD_SECONDS:
                failed["worker"] = "no heartbeat"
            if oldest is not None and oldest > LATE_SECONDS:
                failed["oldest"] = "late"
        return Readiness(failed, waiting, None if oldest is None else int(oldest))


def low_disk(store: Store) -> bool:
    """Whether the disk of the store's file is nearly full."""
    return _is_below(store, LOW_BYTES)


def recovered_disk(store: Store) -> bool:
    """Whether a disk that was nearly full has so much room again that the alert may end."""
    return not _is_below(store, RECOVERED_BYTES)


def _is_below(store: Store, least: int) -> bool:
    if store.folder is None:
        return False
    try:
        return free_bytes(store.folder) < least
    except OSError:
        return True
