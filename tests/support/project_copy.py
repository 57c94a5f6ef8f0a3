"""Copies of the whole project, so that another service, or a service in production, is built from nothing else."""

import colorsys
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.support import sample_service
from tools.content import new_service

SECOND = yaml.safe_load((Path(__file__).parent / "second-service.yml").read_text())
# What no sample is, so that production takes it: a number of a code that Ofcom gives to nobody but with other
# digits than the samples', and names under .internal, which never leave a machine.
LIVE = {
    **SECOND,
    "phone": "01632 961777",
    "text_number": "07700 911777",
    "email": "hello@marlshire.internal",
    "site_url": "https://marlshire.internal/",
    "privacy.contact": "privacy@marlshire.internal",
    "complaints_contact": "comments@marlshire.internal",
}


def copy(root: Path, to: Path) -> Path:
    """Copy every file of the project that git knows or would add, and nothing that was built."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (root / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, to / name)
    return to


def sample(root: Path, to: Path) -> Path:
    """Copy the project and make it the sample service's."""
    project = copy(root, to)
    mkdocs = project / "mkdocs.yml"
    mkdocs.write_text(sample_service.configuration(mkdocs.read_text(encoding="utf-8")), encoding="utf-8")
    return project


def python(
    project: Path, *arguments: str, seconds: float = 240, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run this Python in the project, with none of this machine's settings, for `seconds` at most."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "CHROMIUM") if name in os.environ}
    env |= {"PYTHONPATH": str(project), **environment}
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, env=env, capture_output=True, text=True, timeout=seconds
    )


def service(root: Path, to: Path, answers: dict[str, object]) -> Path:
    """Return a copy that was made the service of `answers` by the new-service command."""
    project = copy(root, to)
    new_service.write(answers, project / "mkdocs.yml")
    return project


def hue(colour: str) -> float | None:
    """Return the hue of "#rrggbb", from 0 to 1, however light it is; None for white, black and grey."""
    around, _, saturation = colorsys.rgb_to_hls(*(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)))
    return around if saturation > 0.1 else None
