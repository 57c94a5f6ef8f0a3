"""Wait for an outcome."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(outcome: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """Return the first true value of `outcome`; fails with `what` when there is none within `seconds`.

    An outcome that raises OSError (a server that does not listen yet) is asked again.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            value = outcome()
        except OSError:
            value = None
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)
