"""Exponential back-off for a mail route, shared by the senders: one of them probes, the others wait for its result."""

import threading
import time
from collections.abc import Callable

FIRST_SECONDS = 5.0


class RouteBackoff:
    """Doubles the pause after each failure, up to the longest; one success ends it."""

    def __init__(self, longest: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Set the longest pause, in seconds."""
        self._longest = longest
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._ready_at = 0.0  # monotonic time
        self._is_probing = False

    @property
    def is_over(self) -> bool:
        """Return whether the pause is over, or there was none."""
        return self._monotonic() >= self._ready_at

    def acquire(self) -> bool:
        """Return whether the caller may try now. After a failure only one caller may, until `note` or `release`."""
        with self._lock:
            if not self._seconds:
                return True
            if self._is_probing or not self.is_over:
                return False
            self._is_probing = True
            return True

    def release(self) -> None:
        """Let another caller probe: this one had nothing to send."""
        with self._lock:
            self._is_probing = False

    def note(self, failed: bool) -> None:
        """Record how an attempt ended. An attempt that began before the current pause does not lengthen it."""
        with self._lock:
            if not failed:
                self._seconds = self._ready_at = 0.0
            elif self._is_probing or self.is_over:
                self._seconds = min(max(self._seconds * 2, FIRST_SECONDS), self._longest)
                self._ready_at = self._monotonic() + self._seconds
            self._is_probing = False
