"""Limit how many threads use the store, so that a stalled store does not block all of them."""

import threading
import time
from types import TracebackType

from form_service.store.errors import StoreUnavailable

# The store counts as stalled after this long without a success. Normally it answers within milliseconds.
STALL_SECONDS = 1.0


class Bulkhead:
    """A context manager that limits how many threads use the store at once.

    Further threads wait. If the store has stalled, they get StoreUnavailable instead.
    """

    def __init__(self, limit: int) -> None:
        """Set how many threads may use the store at once."""
        self._limit = limit
        self._thread_count = 0
        self._condition = threading.Condition()
        self._last_success_at = time.monotonic()  # or when a thread started to use the idle store

    @property
    def is_stalled(self) -> bool:
        """Return whether the limit of threads is reached and the store has not answered for STALL_SECONDS."""
        return self._thread_count >= self._limit and self._seconds_left() <= 0

    def __enter__(self) -> None:
        with self._condition:
            while self._thread_count >= self._limit:
                seconds = self._seconds_left()
                if seconds <= 0:
                    raise StoreUnavailable("stalled")
                self._condition.wait(seconds)
            if not self._thread_count:
                self._last_success_at = time.monotonic()
            self._thread_count += 1

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._condition:
            self._thread_count -= 1
            if not isinstance(error, StoreUnavailable):
                self._last_success_at = time.monotonic()
            self._condition.notify()

    def _seconds_left(self) -> float:
        return self._last_success_at + STALL_SECONDS - time.monotonic()
