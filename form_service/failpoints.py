"""Failpoints: named places at which a test can kill the process. In production they do nothing.

FORM_FAIL_POINT=NAME kills the process at the first visit to that failpoint, and NAME:3 at the third.
"""

import os
import signal

_visits_left: dict[str, int] = {}


def read_environment(is_production: bool) -> None:
    """Set the failpoint that FORM_FAIL_POINT names, or none if the variable is empty or `is_production` is true."""
    _visits_left.clear()
    value = "" if is_production else os.environ.get("FORM_FAIL_POINT", "")
    if value:
        failpoint, _, visit_number = value.partition(":")
        _visits_left[failpoint] = int(visit_number or 1)


def reach(failpoint: str) -> None:
    """Count a visit to `failpoint`. Kill the process if FORM_FAIL_POINT asks for it at this visit."""
    if failpoint in _visits_left:
        _visits_left[failpoint] -= 1
        if _visits_left[failpoint] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
