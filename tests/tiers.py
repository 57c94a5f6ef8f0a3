"""The tiers of the tests: which command runs a test, and what it needs.

| tier   | command            | needs                                                  | marker                  |
|--------|--------------------|--------------------------------------------------------|-------------------------|
| check  | `make check`       | Python                                                 | none                    |
| test   | `make test`        | an ordinary account and Chromium                       | browser, server or long |
| system | `make test-system` | root on Debian: servers, other browsers, Java, Node.js | system                  |
| soak   | `make soak`        | time                                                   | soak                    |

At its end, each command prints how many tests it left to other tiers.
"""

import pytest

TIERS = ("check", "test", "system", "soak")
TIERS_BY_OPTION = {"check": ("check",), "test": ("check", "test"), "system": ("system",), "soak": TIERS}
TIER_COMMANDS = {"test": "make test", "system": "make test-system", "soak": "make soak"}


def tier_of(item: pytest.Item) -> str:
    """Return the tier that the most demanding marker of a test decides, or "check" if no marker decides one."""
    markers = {marker.name for marker in item.iter_markers()}
    if "soak" in markers:
        return "soak"
    if "system" in markers:
        return "system"
    return "test" if markers & {"browser", "server", "long"} else "check"


class TierPlugin:
    """A pytest plugin that deselects the tests that the chosen tier's command does not run, and counts them."""

    def __init__(self, tier: str) -> None:
        self.tier = tier
        self.deselected_counts = dict.fromkeys(TIERS, 0)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Select the tests that the chosen tier's command runs, and put the slowest first.

        If no tier is chosen, select all but the soak tests.
        """
        selected_tiers = TIERS_BY_OPTION.get(self.tier, ("check", "test", "system"))
        selected_items, deselected_items = [], []
        for item in items:
            (selected_items if tier_of(item) in selected_tiers else deselected_items).append(item)
        for item in deselected_items:
            self.deselected_counts[tier_of(item)] += 1
        # So that no worker runs one of the slowest tests alone at the end.
        items[:] = sorted(selected_items, key=lambda item: item.get_closest_marker("slowest") is None)
        if deselected_items:
            config.hook.pytest_deselected(items=deselected_items)
        if hasattr(config, "workeroutput"):
            config.workeroutput["deselected_counts"] = self.deselected_counts

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Copy the counts from a pytest-xdist worker."""
        # Every worker collects all tests, so all their counts are the same.
        self.deselected_counts = getattr(node, "workeroutput", {}).get("deselected_counts", self.deselected_counts)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print how many tests were left out, and which command runs them."""
        for tier, count in self.deselected_counts.items():
            if count and tier in TIER_COMMANDS:
                terminalreporter.write_line(f"Left to `{TIER_COMMANDS[tier]}`: {count} tests.")
