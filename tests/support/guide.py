"""The lines of the operating guide that the tests type as an operator would."""

import re
from pathlib import Path


def _guide(root: Path) -> str:
    return (root / "guides" / "operating.md").read_text(encoding="utf-8")


def _block(root: Path, before: str) -> list[str]:
    """The lines of the block that follows this text."""
    found = re.search(re.escape(before) + r"\n+```\n(.*?)```", _guide(root), re.DOTALL)
    assert found, f"the guide has lost its lines after: {before}"
    return found[1].strip().splitlines()


def one_machine(root: Path) -> list[list[str]]:
    """The section on one machine, a list for each block."""
    section = _guide(root).split("## Set it up on one machine")[1].split("\n#")[0]
    blocks = [block.strip().splitlines() for block in re.findall(r"^```\n(.*?)^```", section, re.DOTALL | re.MULTILINE)]
    assert len(blocks) == 2, "the guide's section on one machine has changed its shape"
    return blocks


def update(root: Path) -> list[str]:
    """How one machine is updated; what git would fetch is left to the test."""
    lines = _block(root, "## Update")
    assert "\n".join(lines).count("git pull && ") == 1
    return [line.replace("git pull && ", "") for line in lines]


def restore(root: Path) -> list[str]:
    """The restore drill."""
    return _block(root, "<!-- the restore drill runs these lines: tests/deployment/test_restore_drill.py -->")


def certificate(root: Path) -> tuple[str, str]:
    """The line that puts the team's certificate in its place, and the setting that names it."""
    found = re.search(r"`(install -m 644 team.pem [^`]*)`.*`FORM_TEAM_CERTIFICATES=([^`]*)`", _guide(root))
    assert found, "the guide has lost where the team's certificate goes"
    return found[1], found[2]


def _debian(line: str) -> str:
    """The line with the name that the command has there."""
    return line.replace("docker compose", "docker-compose")


def containers(root: Path) -> list[str]:
    """How the containers are set up."""
    return [_debian(line) for line in _block(root, "### Containers")]


def containers_update(root: Path) -> list[str]:
    """How they are updated, without the line that fetches and builds the image: the tests ask no registry for it."""
    first, *rest = _block(root, "only from its next start:")
    assert first.startswith("git pull && docker compose ") and first.endswith(" build")
    return [_debian(line) for line in rest]


def containers_backup(root: Path) -> str:
    """How they make a backup by hand."""
    found = re.search(r"`(docker compose [^`]* run --rm backup [^`]*)`", _guide(root))
    assert found, "the guide has lost how containers make a backup"
    return _debian(found[1])


def containers_restore(root: Path) -> list[str]:
    """Their restore drill."""
    return [_debian(line) for line in _block(root, "With containers:")]


def containers_command(root: Path, *arguments: str) -> str:
    """What `front-door …` is called there."""
    found = re.search(r"read `(docker compose [^`]*) check` for `front-door check`", _guide(root))
    assert found, "the guide has lost what the commands are called with containers"
    return " ".join((_debian(found[1]), *arguments))
