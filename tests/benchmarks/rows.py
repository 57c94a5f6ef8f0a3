"""Helpers for the benchmarks of delivery: result rows, medians of ratios, and a service to measure.

Timings on a shared machine are noisy: ours and the peer are measured in turn, and the ratio is the median over rounds.
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


def row(label: str, unit: str, ours: float, peer: float, budget: str, **extra: Any) -> Row:
    """Return one row; its ratio is ours divided by the peer's."""
    ratio = extra.pop("ratio", ours / peer if peer else 0.0)
    return {
        "what": label,
        "unit": unit,
        "ours": round(ours, 2),
        "peer": round(peer, 2),
        "ratio": round(ratio, 3),
        "budget": budget,
        **extra,
    }


def medians(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return three medians over the rounds: ours, the peer's, and the ratio of ours to the peer's."""
    ours, peers = zip(*pairs, strict=True)
    return (
        statistics.median(ours),
        statistics.median(peers),
        statistics.median(our_value / peer_value for our_value, peer_value in pairs),
    )


@contextmanager
def running_parts(folder: Path, **environment: str) -> Iterator[ServiceParts]:
    """Yield a service with all state in `folder`; unless FORM_SMTP_URL is given, it has no mail server."""
    folder.mkdir(exist_ok=True)
    parts = parts_of(settings_of(folder, **({"FORM_SMTP_URL": UNREACHABLE_SMTP_URL} | environment)))
    parts.store.migrate()
    try:
        yield parts
    finally:
        parts.store.close()
