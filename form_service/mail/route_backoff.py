"""Pauses between attempts to reach a mail server, shared by all senders."""

import threading
import time
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 5.0


class RouteBackoff:
    """An exponential back-off for the route to a mail server.

    Each failure doubles the pause, up to a limit. A success ends it.
    """

    def __init__(self, longest_pause_seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._longest_pause_seconds = longest_pause_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._pause_seconds = 0.0
        self._pause_ends_at = 0.0  # monotonic time
        self._is_probing = False  # whether one caller is trying the route after a pause

    @property
    def is_over(self) -> bool:
        """Return whether the pause after the last failure has ended."""
        return self._monotonic() >= self._pause_ends_at

    def acquire(self) -> bool:
        """Return whether the caller may use the mail route now.

        After a pause, only one caller may use it, until that caller calls `record_result` or `release`.
        """
        with self._lock:
            if not self._pause_seconds:
                return True
            if self._is_probing or not self.is_over:
                return False
            self._is_probing = True
            return True

    def release(self) -> None:
        """End the caller's turn without a result, so that another caller may use the mail route."""
        with self._lock:
            self._is_probing = False

    def record_result(self, has_failed: bool) -> None:
        """Record whether the caller's attempt failed. A failure during a pause does not lengthen the pause."""
        with self._lock:
            if not has_failed:
                self._pause_seconds = self._pause_ends_at = 0.0
            elif self._is_probing or self.is_over:
                self._pause_seconds = min(
                    max(self._pause_seconds * 2, FIRST_PAUSE_SECONDS), self._longest_pause_seconds
                )
                self._pause_ends_at = self._monotonic() + self._pause_seconds
            self._is_probing = False
