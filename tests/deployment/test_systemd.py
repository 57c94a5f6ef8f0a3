"""Tests that the systemd units pass systemd's own checks and start commands that exist."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

UNIT_FILES = sorted((Path(__file__).parents[2] / "deploy" / "systemd").glob("front-door*.*"))
SERVICE_UNITS = [unit for unit in UNIT_FILES if unit.suffix == ".service"]
# All but front-door-site, which builds the site and reloads nginx as root.
SANDBOXED_UNITS = [unit for unit in SERVICE_UNITS if unit.stem != "front-door-site"]


def copy_units(folder: Path) -> list[str]:
    """Copy the systemd units to `folder`; return the paths of the copies.

    The copies start programs that exist on this machine, because systemd checks that.
    """
    copied_paths = []
    for unit in UNIT_FILES:
        if unit.suffix in (".service", ".timer"):
            text = unit.read_text().replace("/srv/front-door/.venv/bin", str(Path(sys.executable).parent))
            text = text.replace("/usr/local/bin", str(Path(__file__).parents[2] / "deploy"))
            (folder / unit.name).write_text(text)
            copied_paths.append(str(folder / unit.name))
    return copied_paths


def test_systemd_verifies_the_units_without_a_warning(tmp_path: Path) -> None:
    completed = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *copy_units(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (completed.returncode, completed.stdout + completed.stderr) == (0, "")


@pytest.mark.parametrize("unit", SANDBOXED_UNITS, ids=lambda unit: unit.stem)
def test_systemd_rates_the_exposure_of_each_unit_as_low(unit: Path) -> None:
    completed = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert completed.returncode == 0, completed.stdout
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", completed.stdout)
    assert exposure and float(exposure[1]) <= 1.5, completed.stdout


@pytest.mark.parametrize("unit", SANDBOXED_UNITS, ids=lambda unit: unit.stem)
def test_each_unit_starts_a_command_that_exists(unit: Path, root: Path) -> None:
    from form_service import create_app
    from form_service.config.settings import Settings

    module = re.search(r"python -m ([.\w]+) ", unit.read_text())
    if module:
        name = (
            module[1]
            if importlib.util.find_spec(module[1]).submodule_search_locations is None
            else f"{module[1]}.__main__"
        )
        assert callable(importlib.import_module(name).main)
        return
    command = re.search(r"flask --app form_service (\w+)", unit.read_text())
    app = create_app(Settings.from_environment({}, instance=root / "build" / "ops-instance"))
    assert command and command[1] in app.cli.commands
