"""Parse form.env with the two programs that read it in production: Debian's systemd and docker-compose."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml

SYSTEMD = "/lib/systemd/systemd"
# Runs systemd --user in its own namespaces; it starts only where /run/systemd/system exists, as after a systemd boot.
START_UNITS_SCRIPT = """
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
export XDG_RUNTIME_DIR="$1/run" XDG_CONFIG_HOME="$1/config"
"$2" --user &
until [ -S "$1/run/systemd/private" ]; do kill -0 $! && sleep 0.05; done
shift 2
systemctl --user start "$@"
"""


def environments_from_systemd(folder: Path, files: Mapping[str, bytes], unit_text: str) -> dict[str, dict[str, str]]:
    """Return the form's settings that systemd passes to a process, for each environment file.

    `files` maps names to contents; the result has the same names. `unit_text` is the text of a service unit. Only its
    Environment= and EnvironmentFile= lines are used.
    """
    unit_folder = folder / "config/systemd/user"
    unit_folder.mkdir(parents=True)
    (folder / "run").mkdir(mode=0o700)
    (unit_folder / "default.target").write_text("[Unit]\nDescription=Nothing\n")
    lines = [line for line in unit_text.splitlines() if line.startswith("Environment")]
    for name, data in files.items():
        (folder / f"{name}.env").write_bytes(data)
        environment_lines = "\n".join(lines).replace("/etc/front-door/form.env", f"{folder}/{name}.env")
        command_lines = f"ExecStart=/usr/bin/env -0\nStandardOutput=truncate:{folder}/{name}.out"
        (unit_folder / f"{name}.service").write_text(f"[Service]\nType=oneshot\n{environment_lines}\n{command_lines}\n")
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    command = [
        *namespaces,
        "sh",
        "-ec",
        START_UNITS_SCRIPT,
        "sh",
        str(folder),
        SYSTEMD,
        *(f"{name}.service" for name in files),
    ]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert completed.returncode == 0, completed.stderr[-2000:]
    return {name: _form_settings((folder / f"{name}.out").read_bytes()) for name in files}


def _form_settings(data: bytes) -> dict[str, str]:
    assignments = (line.partition("=") for line in data.decode("utf-8").split("\0") if line)
    return {name: value for name, _, value in assignments if name.startswith(("FORM_", "SERVICE_ENV"))}


def environments_from_compose(folder: Path, files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Return the environment that a container gets from each environment file.

    `files` maps names to contents; the result has the same names.
    """
    for name, data in files.items():
        (folder / f"{name}.env").write_bytes(data)
    services = {name: {"image": "front-door", "env_file": f"{name}.env"} for name in files}
    (folder / "compose.yaml").write_text(yaml.safe_dump({"version": "3.8", "services": services}))
    command = ["docker-compose", "-f", str(folder / "compose.yaml"), "config"]
    completed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert completed.returncode == 0, completed.stderr[-2000:]
    parsed_services = yaml.safe_load(completed.stdout)["services"]
    # `config` doubles each dollar sign, because its output is again a compose file.
    return {
        name: {key: str(value or "").replace("$$", "$") for key, value in parsed_services[name]["environment"].items()}
        for name in files
    }
