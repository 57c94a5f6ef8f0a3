"""Run the benchmarks, print their results as tables, and write them to build/bench.json.

    python -m tests.benchmarks [name …]

A benchmark is a module in this folder with a function `run() -> list[dict]`. Without names, all benchmarks run.
"""

import importlib
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service_profile.profile import ROOT

BENCHMARKS_FOLDER = Path(__file__).parent
RESULTS_FILE = ROOT / "build" / "bench.json"
# `peer` is measured in the same run; `limit` is the physical limit; `ratio` is ours divided by the peer.
COLUMNS = ("what", "ours", "unit", "peer", "limit", "ratio", "budget")


def import_benchmarks(names: list[str]) -> dict[str, Any]:
    """Import the named benchmarks, or all if `names` is empty; return the modules that have a function `run`, by name.

    Exits with a message if a name is unknown.
    """
    module_names = sorted(path.stem for path in BENCHMARKS_FOLDER.glob("*.py") if not path.stem.startswith("_"))
    modules = {name: importlib.import_module(f"tests.benchmarks.{name}") for name in module_names}
    benchmarks = {name: module for name, module in modules.items() if hasattr(module, "run")}
    if unknown_names := sorted(set(names) - set(benchmarks)):
        sys.exit(f"There is no benchmark called {', '.join(unknown_names)}. There are: {', '.join(benchmarks)}.")
    return {name: benchmarks[name] for name in names or benchmarks}


def markdown_table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    cell_rows = [list(COLUMNS), *([str(row.get(column, "")) for column in COLUMNS] for row in rows)]
    widths = [max(len(cells[n]) for cells in cell_rows) for n in range(len(COLUMNS))]
    cell_rows.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
        for cells in cell_rows
    )


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all if `names` is empty; print and save the results.

    Returns 0, the exit status.
    """
    results: dict[str, Any] = {}
    for name, module in import_benchmarks(names).items():
        print(f"\n## {name}\n", flush=True)
        results[name] = module.run()
        print(markdown_table(results[name]), flush=True)
    machine = {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
    RESULTS_FILE.parent.mkdir(exist_ok=True)
    report = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "results": results}
    RESULTS_FILE.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\nWritten to {RESULTS_FILE.relative_to(ROOT)}. Other work slows both sides; trust the ratios.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
