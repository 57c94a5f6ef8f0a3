"""Helpers for the benchmarks: rows of the results table, medians, and a form service to measure.

Timings on a shared machine vary, so benchmarks measure our form and its peer in turn, over several rounds.
"""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.service_parts import ServiceParts, parts_of, settings_of

Row = dict[str, Any]
ROUNDS = 5
UNREACHABLE_SMTP_URL = "smtp://127.0.0.1:1"
# BENCH_SCALE multiplies the number of submissions and emails. With 1, all benchmarks take a few minutes; with 5, they
# find the slowest of 10,000 submissions, as the target asks.
COUNT_SCALE = float(os.environ.get("BENCH_SCALE", "1"))


def row(
    label: str, unit: str, ours: float, peer: float, budget: str, ratio: float | None = None, **extra_columns: Any
) -> Row:
    """Return one row of the results table, with `extra_columns` added.

    If `ratio` is None, it becomes `ours` divided by `peer`, or 0 if `peer` is 0.
    """
    if ratio is None:
        ratio = ours / peer if peer else 0.0
    return {
        "what": label,
        "unit": unit,
        "ours": round(ours, 2),
        "peer": round(peer, 2),
        "ratio": round(ratio, 3),
        "budget": budget,
        **extra_columns,
    }


def medians(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return three medians: of our values, of the peer's values, and of our value divided by the peer's.

    Each pair contains our value and the peer's value.
    """
    our_values, peer_values = zip(*pairs, strict=True)
    return (
        statistics.median(our_values),
        statistics.median(peer_values),
        statistics.median(our_value / peer_value for our_value, peer_value in pairs),
    )


@contextmanager
def open_parts(folder: Path, **environment: str) -> Iterator[ServiceParts]:
    """Open the store of a form service in `folder`; yield the parts of the service, such as its store and settings.

    Unless `environment` sets FORM_SMTP_URL, no mail server is reachable.
    """
    folder.mkdir(exist_ok=True)
    parts = parts_of(settings_of(folder, **({"FORM_SMTP_URL": UNREACHABLE_SMTP_URL} | environment)))
    parts.store.migrate()
    try:
        yield parts
    finally:
        parts.store.close()
