"""Exponential back-off for a mail route, shared by all senders: after a failure, one of them probes for the others."""

import threading
import time
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 5.0


class RouteBackoff:
    """A growing pause for a mail route that fails. Each failure doubles the pause, up to a limit; a success ends it."""

    def __init__(self, longest_pause_seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._longest_pause_seconds = longest_pause_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._pause_seconds = 0.0
        self._pause_ends_at = 0.0  # monotonic time
        self._is_probing = False

    @property
    def is_over(self) -> bool:
        """Return whether no pause is in force now."""
        return self._monotonic() >= self._pause_ends_at

    def acquire(self) -> bool:
        """Return whether the caller may use the mail route now.

        After a failure, the answer is False until the pause is over. Then one caller at a time may probe the route,
        until it calls `record_result` or `release`.
        """
        with self._lock:
            if not self._pause_seconds:
                return True
            if self._is_probing or not self.is_over:
                return False
            self._is_probing = True
            return True

    def release(self) -> None:
        """End a probe that recorded no result, so that another caller can probe the mail route."""
        with self._lock:
            self._is_probing = False

    def record_result(self, has_failed: bool) -> None:
        """Record how an attempt ended.

        A failure does not lengthen the current pause if its attempt began before that pause.
        """
        with self._lock:
            if not has_failed:
                self._pause_seconds = self._pause_ends_at = 0.0
            elif self._is_probing or self.is_over:
                self._pause_seconds = min(
                    max(self._pause_seconds * 2, FIRST_PAUSE_SECONDS), self._longest_pause_seconds
                )
                self._pause_ends_at = self._monotonic() + self._pause_seconds
            self._is_probing = False
