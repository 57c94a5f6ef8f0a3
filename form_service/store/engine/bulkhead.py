"""How many threads may wait for the store: when it does not answer, the others stay free for what needs none."""

import threading
import time
from types import TracebackType

from form_service.store.errors import StoreUnavailable

# So long without one success, and the store counts as held up. In ordinary times it answers within milliseconds.
PATIENCE_SECONDS = 1.0


class Gate:
    """A context manager around each use of the store.

    While the store answers, whoever finds it full waits for a place. Once it is held up they are refused at once with
    StoreUnavailable, because a thread that waits with the others is one fewer for /healthz and for leaving.
    """

    def __init__(self, most: int) -> None:
        """`most` may be inside at once."""
        self._most = most
        self._inside = 0
        self._changed = threading.Condition()
        self._last = time.monotonic()  # the last success, or when somebody came to an empty store

    @property
    def held_up(self) -> bool:
        """Whether all places are taken by people whom the store keeps waiting."""
        return self._inside >= self._most and self._patience_left() <= 0

    def __enter__(self) -> None:
        with self._changed:
            while self._inside >= self._most:
                left = self._patience_left()
                if left <= 0:
                    raise StoreUnavailable("held-up")
                self._changed.wait(left)
            if not self._inside:
                self._last = time.monotonic()
            self._inside += 1

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._inside -= 1
            if not isinstance(error, StoreUnavailable):
                self._last = time.monotonic()
            self._changed.notify()

    def _patience_left(self) -> float:
        return self._last + PATIENCE_SECONDS - time.monotonic()
