"""Copy the whole project, for tests of a second service and of a service in production."""

import colorsys
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.support import sample_service
from tools.content import new_service

SECOND_SERVICE = yaml.safe_load((Path(__file__).parent / "second-service.yml").read_text())
# Values that production accepts but that reach nobody: telephone numbers that Ofcom reserves for drama, other than the
# samples, and host names under .internal.
LIVE_SERVICE = {
    **SECOND_SERVICE,
    "phone": "01632 961777",
    "text_number": "07700 911777",
    "email": "hello@marlshire.internal",
    "site_url": "https://marlshire.internal/",
    "privacy.contact": "privacy@marlshire.internal",
    "complaints_contact": "comments@marlshire.internal",
}


def unignored_files(root: Path, pattern: str = "*") -> list[Path]:
    """Return the paths, relative to `root`, of files that match `pattern` and that Git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", pattern]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return [Path(name) for name in names if name and (root / name).is_file()]


def copy(root: Path, target: Path) -> Path:
    """Copy the project into `target`, without the files that Git ignores; return `target`."""
    for path in unignored_files(root):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target / path)
    return target


def copy_with_sample_service(root: Path, target: Path) -> Path:
    """Copy the project and give it the sample service's details; return `target`."""
    project = copy(root, target)
    config_path = project / "mkdocs.yml"
    config_text = sample_service.sample_configuration(config_path.read_text(encoding="utf-8"))
    config_path.write_text(config_text, encoding="utf-8")
    return project


def run_python(
    project: Path, *arguments: str, seconds: float = 240, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run this Python interpreter in `project`, with only `environment` and a few variables of this process.

    Raises subprocess.TimeoutExpired after `seconds`. A failure of the program raises nothing.
    """
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "CHROMIUM") if name in os.environ}
    env |= {"PYTHONPATH": str(project), **environment}
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, env=env, capture_output=True, text=True, timeout=seconds
    )


def copy_with_service(root: Path, target: Path, answers: dict[str, object]) -> Path:
    """Copy the project and apply `answers` to it as the new-service command does; return `target`."""
    project = copy(root, target)
    new_service.write_answers(answers, project / "mkdocs.yml")
    return project


def hue(colour: str) -> float | None:
    """Return the hue of a colour "#rrggbb", from 0 to 1; None for white, black and grey."""
    hue_value, _, saturation = colorsys.rgb_to_hls(*(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)))
    return hue_value if saturation > 0.1 else None
