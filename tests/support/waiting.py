"""Wait for a condition by polling."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], description: str, seconds: float = 20.0) -> T:
    """Call `condition` until it returns a true value; return that value.

    After `seconds`, fail with `description`. OSError counts as false, because a server may not be listening yet.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except OSError:
            value = None
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {description}"
        time.sleep(0.02)
