"""The readiness check: whether a referral can be accepted and delivered now, and if not, why.

The result contains no personal data.
"""

import time
from dataclasses import dataclass

from form_service.crypto import Sealer
from form_service.store import Store, StoreUnavailable
from form_service.store.engine.disk import LOW_FREE_BYTES, free_bytes

LATE_DELIVERY_SECONDS = 3600.0
MAX_HEARTBEAT_AGE_SECONDS = 90.0
CACHE_SECONDS = 1.0


@dataclass(frozen=True)
class Readiness:
    """The result of the readiness check. `failures` maps the name of each failed check to its reason.

    `waiting_count` is the number of waiting emails. `oldest_seconds` is the age of the oldest waiting email to the
    team, or None if none is waiting. Both are None if the store cannot be read.
    """

    failures: dict[str, str]
    waiting_count: int | None
    oldest_seconds: int | None

    @property
    def is_ready(self) -> bool:
        """Return whether every check passed."""
        return not self.failures

    def as_dict(self) -> dict[str, object]:
        """Return the result in the form that /readyz sends as JSON."""
        checks = {name: self.failures.get(name, "ok") for name in ("store", "keys", "disk", "worker", "oldest")}
        return {
            "ready": self.is_ready,
            "checks": checks,
            "waiting": self.waiting_count,
            "oldest_seconds": self.oldest_seconds,
        }


class ReadinessCheck:
    """The check behind /readyz: store, keys, disk, worker and the age of the oldest waiting email.

    The result is cached for CACHE_SECONDS, because anyone may request /readyz.
    """

    def __init__(self, sealer: Sealer, store: Store) -> None:
        self._sealer = sealer
        self._store = store
        self._cached_result: tuple[float, Readiness] | None = None

    def __call__(self) -> Readiness:
        """Return the result of the checks, at most CACHE_SECONDS old."""
        if self._cached_result is not None and time.monotonic() - self._cached_result[0] < CACHE_SECONDS:
            return self._cached_result[1]
        readiness = self.run()
        self._cached_result = (time.monotonic(), readiness)
        return readiness

    def run(self) -> Readiness:
        """Run the checks, ignoring the cache, and return the result."""
        failures: dict[str, str] = {}
        problem = self._sealer.certificate_problem()
        if problem is not None:
            failures["keys"] = problem
        if is_disk_low(self._store):
            failures["disk"] = "low"
        waiting_count, oldest_age = None, None
        try:
            self._store.facts.set("written")
            state, problem = self._store.reports.outbox_state(), self._store.problem()
        except StoreUnavailable as error:
            failures["store"] = error.kind
        else:
            if problem is not None:
                failures["store"] = problem
            waiting_count, oldest_age = state.waiting_count, state.oldest_age
            if state.heartbeat_age is None or state.heartbeat_age > MAX_HEARTBEAT_AGE_SECONDS:
                failures["worker"] = "no heartbeat"
            if oldest_age is not None and oldest_age > LATE_DELIVERY_SECONDS:
                failures["oldest"] = "late"
        return Readiness(failures, waiting_count, None if oldest_age is None else int(oldest_age))


def is_disk_low(store: Store, min_free_bytes: int = LOW_FREE_BYTES) -> bool:
    """Return whether the store's disk has fewer than `min_free_bytes` free.

    Return True if the free space is unknown, and False for PostgreSQL.
    """
    if store.folder is None:
        return False
    try:
        return free_bytes(store.folder) < min_free_bytes
    except OSError:
        return True
