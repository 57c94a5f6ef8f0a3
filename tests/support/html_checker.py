"""The Nu HTML checker, installed from npm and run with Java."""

import json
import subprocess
from pathlib import Path

from tests.support.npm import package_folder


def html_problems(folder: Path) -> list[str]:
    """Return every error and warning for the .html files below `folder`, with the file's path."""
    jar = package_folder("vnu-jar") / "build" / "dist" / "vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", "--skip-non-html", "--stdout", str(folder)]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=240)
    messages = [message for message in json.loads(completed.stdout)["messages"] if "url" in message]
    return [f"{Path(message['url']).relative_to(folder.as_uri())}: {message['message']}" for message in messages]
