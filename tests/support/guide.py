"""Extract the commands of the operating guide that the tests run."""

import re
from pathlib import Path


def _guide_text(root: Path) -> str:
    return (root / "guides" / "operating.md").read_text(encoding="utf-8")


def _code_block_after(root: Path, preceding_text: str) -> list[str]:
    """Return the lines of the guide's code block that follows `preceding_text`."""
    match = re.search(re.escape(preceding_text) + r"\n+```\n(.*?)```", _guide_text(root), re.DOTALL)
    assert match, f"the guide has lost its lines after: {preceding_text}"
    return match[1].strip().splitlines()


def machine_setup_commands(root: Path) -> list[list[str]]:
    """Return the commands that set up the service on one machine, one list for each code block."""
    section = _guide_text(root).split("## Set it up on one machine")[1].split("\n#")[0]
    blocks = [block.strip().splitlines() for block in re.findall(r"^```\n(.*?)^```", section, re.DOTALL | re.MULTILINE)]
    assert len(blocks) == 2, "the guide's section on one machine has changed its shape"
    return blocks


def editor_setup_commands(root: Path) -> list[str]:
    """Return all commands that set up the hosted editor."""
    lines = machine_setup_commands(root)[0]
    last_common_index = next(number for number, line in enumerate(lines) if line.endswith("&& systemd-sysusers"))
    editor_lines = _code_block_after(root, '"Set it up on one machine" as far as `systemd-sysusers`, then:')
    return [*lines[: last_common_index + 1], *editor_lines]


def automatic_build_commands(root: Path) -> list[str]:
    """Return the commands that make the machine build published changes of the site automatically."""
    installation_commands = [line for line in machine_setup_commands(root)[0] if "deploy/front-door-site" in line]
    build_commands = _code_block_after(root, "<!-- tests/deployment/test_editor_machine.py runs this line -->")
    return [*installation_commands, *build_commands]


def machine_update_commands(root: Path) -> list[str]:
    """Return the commands that update a service on one machine, without `git pull`."""
    lines = _code_block_after(root, "## Update")
    assert "\n".join(lines).count("git pull && ") == 1
    return [line.replace("git pull && ", "") for line in lines]


def restore_drill_commands(root: Path) -> list[str]:
    """Return the guide's commands for the restore drill of a service on one machine."""
    return _code_block_after(
        root, "<!-- the restore drill runs these lines: tests/deployment/test_restore_drill.py -->"
    )


def certificate_command_and_setting(root: Path) -> tuple[str, str]:
    """Return the command that installs the team's certificate, and the matching value of FORM_TEAM_CERTIFICATES."""
    match = re.search(r"`(install -m 644 team.pem [^`]*)`.*`FORM_TEAM_CERTIFICATES=([^`]*)`", _guide_text(root))
    assert match, "the guide has lost where the team's certificate goes"
    return match[1], match[2]


def _with_debian_name(line: str) -> str:
    """Replace `docker compose` with Debian's `docker-compose` in a command line; return the line."""
    return line.replace("docker compose", "docker-compose")


def container_setup_commands(root: Path) -> list[str]:
    """Return the commands that set up the service in containers."""
    return [_with_debian_name(line) for line in _code_block_after(root, "### Containers")]


def container_update_commands(root: Path) -> list[str]:
    """Return the commands that update a service in containers once its image is built."""
    build_command, *update_commands = _code_block_after(root, "only after it is restarted:")
    assert build_command.startswith("git pull && docker compose ") and build_command.endswith(" build")
    return [_with_debian_name(line) for line in update_commands]


def container_backup_command(root: Path) -> str:
    """Return the command that makes a backup of a service in containers."""
    match = re.search(r"`(docker compose [^`]* run --rm backup [^`]*)`", _guide_text(root))
    assert match, "the guide has lost how containers make a backup"
    return _with_debian_name(match[1])


def container_restore_commands(root: Path) -> list[str]:
    """Return the guide's commands for the restore drill of a service in containers."""
    return [_with_debian_name(line) for line in _code_block_after(root, "With containers:")]


def container_command(root: Path, *arguments: str) -> str:
    """Return the command line that runs `front-door` with these arguments in a container."""
    match = re.search(r"read `(docker compose [^`]*) check` for `front-door check`", _guide_text(root))
    assert match, "the guide has lost what the commands are called with containers"
    return " ".join((_with_debian_name(match[1]), *arguments))
