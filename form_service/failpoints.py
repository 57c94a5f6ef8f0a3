"""Named places at which a test can kill the process. In production they do nothing.

FORM_FAIL_POINT=place kills the process there; place:N, the Nth time that the place is reached.
"""

import os
import signal

_visits_left: dict[str, int] = {}


def arm(is_production: bool) -> None:
    """Make the place that FORM_FAIL_POINT names kill the process when it is reached; in production do nothing."""
    _visits_left.clear()
    value = "" if is_production else os.environ.get("FORM_FAIL_POINT", "")
    if value:
        place, _, occurrence = value.partition(":")
        _visits_left[place] = int(occurrence or 1)


def reach(place: str) -> None:
    """Count a visit to `place`, and kill the process with SIGKILL if FORM_FAIL_POINT asks for this visit."""
    if place in _visits_left:
        _visits_left[place] -= 1
        if _visits_left[place] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
