"""Counting in memory, for a store that has one web process."""

import threading

_MOST = 100_000


class Counts:
    """How often each bucket was counted in its present window of time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, int]] = {}  # bucket: end of the window, count

    def count(self, bucket: str, window: int, now: float, weight: int = 1) -> int:
        """Count `weight` more in the bucket's present window of `window` seconds; the count so far."""
        ends = (int(now) // window + 1) * window
        with self._lock:
            if len(self._windows) >= _MOST:
                self._windows = {name: entry for name, entry in self._windows.items() if entry[0] > now}
            was, so_far = self._windows.get(bucket, (ends, 0))
            so_far = so_far + weight if was == ends else weight
            self._windows[bucket] = (ends, so_far)
            return so_far
