"""Extract the commands of the operating guide that the tests run."""

import re
from pathlib import Path


def _guide(root: Path) -> str:
    return (root / "guides" / "operating.md").read_text(encoding="utf-8")


def _block(root: Path, text: str) -> list[str]:
    """Return the lines of the code block that follows this text."""
    found = re.search(re.escape(text) + r"\n+```\n(.*?)```", _guide(root), re.DOTALL)
    assert found, f"the guide has lost its lines after: {text}"
    return found[1].strip().splitlines()


def one_machine(root: Path) -> list[list[str]]:
    """Return the commands of the section on one machine, one list for each code block."""
    section = _guide(root).split("## Set it up on one machine")[1].split("\n#")[0]
    blocks = [block.strip().splitlines() for block in re.findall(r"^```\n(.*?)^```", section, re.DOTALL | re.MULTILINE)]
    assert len(blocks) == 2, "the guide's section on one machine has changed its shape"
    return blocks


def editor(root: Path) -> list[str]:
    """Return the commands that set up the hosted editor, including the first ones of the section on one machine."""
    lines = one_machine(root)[0]
    until = next(number for number, line in enumerate(lines) if line.endswith("&& systemd-sysusers"))
    own = _block(root, '"Set it up on one machine" as far as `systemd-sysusers`, then:')
    return [*lines[: until + 1], *own]


def site_by_itself(root: Path) -> list[str]:
    """Return the commands that set up the automatic build after publishing."""
    installed = [line for line in one_machine(root)[0] if "deploy/front-door-site" in line]
    return [*installed, *_block(root, "<!-- tests/deployment/test_editor_machine.py runs this line -->")]


def update(root: Path) -> list[str]:
    """Return the commands that update one machine, without `git pull`."""
    lines = _block(root, "## Update")
    assert "\n".join(lines).count("git pull && ") == 1
    return [line.replace("git pull && ", "") for line in lines]


def restore(root: Path) -> list[str]:
    """Return the commands of the restore drill."""
    return _block(root, "<!-- the restore drill runs these lines: tests/deployment/test_restore_drill.py -->")


def certificate(root: Path) -> tuple[str, str]:
    """Return the command that installs the team's certificate, and the value of FORM_TEAM_CERTIFICATES."""
    found = re.search(r"`(install -m 644 team.pem [^`]*)`.*`FORM_TEAM_CERTIFICATES=([^`]*)`", _guide(root))
    assert found, "the guide has lost where the team's certificate goes"
    return found[1], found[2]


def _debian(line: str) -> str:
    """Return the command under the name that it has on Debian."""
    return line.replace("docker compose", "docker-compose")


def containers(root: Path) -> list[str]:
    """Return the commands that set up the containers."""
    return [_debian(line) for line in _block(root, "### Containers")]


def containers_update(root: Path) -> list[str]:
    """Return the commands that update the containers, without fetching and building the image from a registry."""
    first, *rest = _block(root, "only after it is restarted:")
    assert first.startswith("git pull && docker compose ") and first.endswith(" build")
    return [_debian(line) for line in rest]


def containers_backup(root: Path) -> str:
    """Return the command that makes a backup with containers."""
    found = re.search(r"`(docker compose [^`]* run --rm backup [^`]*)`", _guide(root))
    assert found, "the guide has lost how containers make a backup"
    return _debian(found[1])


def containers_restore(root: Path) -> list[str]:
    """Return the guide's commands for the restore drill with containers."""
    return [_debian(line) for line in _block(root, "With containers:")]


def containers_command(root: Path, *arguments: str) -> str:
    """Return the command that stands for `front-door …` with containers."""
    found = re.search(r"read `(docker compose [^`]*) check` for `front-door check`", _guide(root))
    assert found, "the guide has lost what the commands are called with containers"
    return " ".join((_debian(found[1]), *arguments))
