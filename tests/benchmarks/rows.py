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
# The whole table takes a few minutes; BENCH_SCALE=5 measures the worst of 10,000 submissions, as the target asks.
SCALE = float(os.environ.get("BENCH_SCALE", "1"))


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
    """Return the median of our values, of the peer's values and of their ratios.

    Each pair contains our value and the peer's value.
    """
    ours, peers = zip(*pairs, strict=True)
    return (
        statistics.median(ours),
        statistics.median(peers),
        statistics.median(our_value / peer_value for our_value, peer_value in pairs),
    )


@contextmanager
def running_parts(folder: Path, **environment: str) -> Iterator[ServiceParts]:
    """Yield the parts of a form service that stores all its data in `folder`.

    Unless `environment` sets FORM_SMTP_URL, no mail server is reachable.
    """
    folder.mkdir(exist_ok=True)
    parts = parts_of(settings_of(folder, **({"FORM_SMTP_URL": UNREACHABLE_SMTP_URL} | environment)))
    parts.store.migrate()
    try:
        yield parts
    finally:
        parts.store.close()
