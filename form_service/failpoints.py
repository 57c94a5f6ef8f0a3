"""Failpoints: named places at which a test can kill the process. In production they do nothing.

FORM_FAIL_POINT=NAME kills the process at the first visit to that failpoint, and NAME:3 at the third.
"""

import os
import signal

_visits_left: dict[str, int] = {}


def arm(is_production: bool) -> None:
    """Read the failpoint and its visit from FORM_FAIL_POINT. In production, ignore the variable."""
    _visits_left.clear()
    value = "" if is_production else os.environ.get("FORM_FAIL_POINT", "")
    if value:
        place, _, occurrence = value.partition(":")
        _visits_left[place] = int(occurrence or 1)


def reach(place: str) -> None:
    """Kill the process with SIGKILL if FORM_FAIL_POINT asks for it at this visit to `place`."""
    if place in _visits_left:
        _visits_left[place] -= 1
        if _visits_left[place] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
