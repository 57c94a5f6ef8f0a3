"""How long to leave a door alone that stayed shut."""

import time

FIRST_SECONDS = 5.0


class Pause:
    """After each failure in a row twice as long as before, up to the longest."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._seconds = 0.0
        self.ready_at = 0.0  # by the clock that nobody sets

    @property
    def is_over(self) -> bool:
        """Whether it may be tried now."""
        return time.monotonic() >= self.ready_at

    @property
    def after_failure(self) -> bool:
        """Whether the last try failed."""
        return self._seconds > 0

    def note(self, failed: bool) -> bool:
        """Note what became of a try; whether it was the first to go well after a failure."""
        recovered = not failed and self.after_failure
        self._seconds = min(max(self._seconds * 2, FIRST_SECONDS), self._longest) if failed else 0.0
        if failed:
            self.ready_at = time.monotonic() + self._seconds
        return recovered
