"""The readiness check: can a referral be accepted and delivered now, and if not, why? It shows nothing personal."""

import time
from dataclasses import dataclass

from form_service.crypto import Sealer
from form_service.store import Store, StoreUnavailable
from form_service.store.engine.disk import LOW_BYTES, free_bytes

LATE_SECONDS = 3600.0
WORKER_DEAD_SECONDS = 90.0
_REMEMBERED_SECONDS = 1.0


@dataclass(frozen=True)
class Readiness:
    """The result of /readyz. `failed` maps each failed check to the class of its reason."""

    failed: dict[str, str]
    waiting: int | None
    oldest_seconds: int | None

    @property
    def ready(self) -> bool:
        """Return whether every check passed."""
        return not self.failed

    def as_dict(self) -> dict[str, object]:
        """Return the content of the JSON response."""
        checks = {name: self.failed.get(name, "ok") for name in ("store", "keys", "disk", "worker", "oldest")}
        return {"ready": self.ready, "checks": checks, "waiting": self.waiting, "oldest_seconds": self.oldest_seconds}


class ReadinessCheck:
    """Checks store, keys, disk and worker. Caches the result for a second, because anyone may request it."""

    def __init__(self, sealer: Sealer, store: Store) -> None:
        self._sealer = sealer
        self._store = store
        self._last: tuple[float, Readiness] | None = None

    def __call__(self) -> Readiness:
        """Return the result, at most a second old."""
        if self._last is not None and time.monotonic() - self._last[0] < _REMEMBERED_SECONDS:
            return self._last[1]
        answer = self.look()
        self._last = (time.monotonic(), answer)
        return answer

    def look(self) -> Readiness:
        """Run the checks and return the result."""
        failed: dict[str, str] = {}
        problem = self._sealer.certificate_problem()
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


def low_disk(store: Store, least: int = LOW_BYTES) -> bool:
    """Return whether the store's disk has fewer than `least` bytes free; by default, whether it is nearly full."""
    if store.folder is None:
        return False
    try:
        return free_bytes(store.folder) < least
    except OSError:
        return True
