"""What the benchmarks of delivery share: a row, medians of ratios, a service of their own.

The machine is noisy: ours and the peer take turns, and the ratio is the median of the rounds' ratios.
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
NOWHERE = "smtp://127.0.0.1:1"
# The whole table takes a few minutes; BENCH_SCALE=5 sends as many as the target's "worst of 10,000".
SCALE = float(os.environ.get("BENCH_SCALE", "1"))


def row(what: str, unit: str, ours: float, peer: float, budget: str, **more: Any) -> Row:
    """Return one row; the ratio is ours to the peer's."""
    ratio = more.pop("ratio", ours / peer if peer else 0.0)
    return {
        "what": what,
        "unit": unit,
        "ours": round(ours, 2),
        "peer": round(peer, 2),
        "ratio": round(ratio, 3),
        "budget": budget,
        **more,
    }


def middle_ratio(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the medians of both, and of the ratios of each round."""
    ours, peers = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(peers), statistics.median(a / b for a, b in pairs)


@contextmanager
def parts_in(folder: Path, **environment: str) -> Iterator[ServiceParts]:
    """Yield a service whose state is in `folder`, and whose mail server does not exist unless it is named."""
    folder.mkdir(exist_ok=True)
    parts = parts_of(settings_of(folder, **({"FORM_SMTP_URL": NOWHERE} | environment)))
    parts.store.migrate()
    try:
        yield parts
    finally:
        parts.store.close()
