"""The Nu HTML checker finds no error and gives no warning on any page."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.npm import package


@pytest.mark.browser
def test_nu_checker_finds_nothing(site: Path) -> None:
    jar = package("vnu-jar") / "build" / "dist" / "vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", "--skip-non-html", "--stdout", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = [f"{Path(m['url']).parent.name}: {m['message']}" for m in json.loads(done.stdout)["messages"] if "url" in m]
    assert said == []
