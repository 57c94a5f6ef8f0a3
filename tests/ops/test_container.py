"""The container recipe, built and started with buildah in chroot isolation on a base made from Debian's packages."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.ops import project
from tests.ops.conftest import answers, form_environment, free_port, get, program, wait_for
from tests.ops.visitor import Visitor

DEBIAN = "python3,python3-venv,ca-certificates"


class Builder:
    """buildah with a storage of its own, gone after the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.options = ["--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]

    def command(self, name: str, *arguments: str) -> list[str]:
        return ["buildah", *self.options, name, *arguments]

    def do(self, name: str, *arguments: str) -> str:
        done = subprocess.run(self.command(name, *arguments), capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Builder]:
    """The image of a service that production takes, as `front-door`, and a container of it called `form`."""
    folder = tmp_path_factory.mktemp("container")
    builder = Builder(folder)
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={DEBIAN}", "bookworm", str(folder / "base.tar")],
        check=True,
        timeout=900,
    )
    builder.do("from", "--name", "base", "scratch")
    builder.do("add", "base", str(folder / "base.tar"), "/")
    # A registry may be reached through a proxy with an authority that this machine knows and Debian does not.
    known = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().openssl_cafile
    if Path(known).is_file():
        builder.do("copy", "base", known, "/etc/ssl/certs/ca-certificates.crt")
        builder.do("config", "--env", "PIP_CERT=/etc/ssl/certs/ca-certificates.crt", "base")
    builder.do("commit", "base", "front-door-base")
    live = project.service(root, folder / "live", project.LIVE)
    recipe = ("-f", str(live / "deploy" / "Containerfile"), "-t", "front-door", str(live))
    base = ("--build-arg", "BASE=localhost/front-door-base")
    builder.do("bud", "--isolation", "chroot", "--format", "docker", *base, *recipe)
    builder.do("from", "--name", "form", "localhost/front-door")
    yield builder
    for name in ("form", "base"):
        subprocess.run(builder.command("rm", name), capture_output=True, timeout=60)


@pytest.mark.soak
@pytest.mark.server
def test_the_image_runs_without_rights_and_asks_after_its_own_health(image: Builder) -> None:
    found = json.loads(image.do("inspect", "--type", "image", "localhost/front-door"))
    config = found["Docker"]["config"]
    assert config["User"] == "10001:10001"
    assert "/healthz" in " ".join(config["Healthcheck"]["Test"])
    assert config["Entrypoint"] == ["flask", "--app", "form_service"]
    assert not any("SECRET" in one or "PASSWORD" in one for one in config["Env"])


@pytest.mark.soak
@pytest.mark.server
def test_nothing_but_its_state_can_be_written_and_no_installer_is_left(image: Builder) -> None:
    script = (
        "import os, shutil, importlib.util as u;"
        "w = lambda p: os.access(p, os.W_OK);"
        "print([p for p in ('/srv/front-door', '/opt/front-door', '/etc', '/usr') if w(p)],"
        " w('/var/lib/front-door/instance'), u.find_spec('pip'), os.getuid(), os.path.exists('/srv/front-door/tests'))"
    )
    told = image.do("run", "--isolation", "chroot", "form", "--", "/opt/front-door/bin/python3", "-c", script)
    assert told == "[] True None 10001 False"


@pytest.mark.soak
@pytest.mark.server
def test_the_container_takes_a_referral_and_delivers_it(image: Builder, tmp_path: Path, root: Path) -> None:
    port, smtp, mail = free_port(), free_port(), free_port()
    settings = form_environment(
        root,
        SERVICE_ENV="production",
        FORM_SMTP_URL=f"smtp://127.0.0.1:{smtp}",
        FORM_MAIL_FROM="form@marlshire.internal",
        FORM_TEAM_EMAIL="team@marlshire.internal",
    )
    env = [f"--env={name}={value}" for name, value in settings.items() if name.startswith(("FORM_", "SERVICE_"))]

    def run(*arguments: str) -> tuple[str, ...]:
        return (
            *image.command("run", "--isolation", "chroot", *env, "form", "--"),
            "flask",
            "--app",
            "form_service",
            *arguments,
        )

    mailbox = ("--port", str(mail), "--smtp-port", str(smtp), "--folder", str(tmp_path / "mails"))
    with (
        program(sys.executable, "-m", "tools.mailbox", *mailbox, cwd=tmp_path),
        program(*run("serve", "--host", "127.0.0.1", "--port", str(port)), cwd=tmp_path),
        program(*run("deliver"), cwd=tmp_path),
    ):
        wait_for("the form answers", lambda: answers(port), seconds=60)
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        # The cookie is for https only: what stands in front says that it was.
        visitor = Visitor(f"http://127.0.0.1:{port}")
        assert "Marlshire" in visitor.open("/referral/") and visitor.status == 200
        done = subprocess.run(run("send-test"), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        wait_for("the test mail", lambda: any((tmp_path / "mails" / "new").iterdir()), seconds=60)


def test_the_compose_file_gives_nobody_more_than_they_need(root: Path) -> None:
    compose = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())
    for name in ("web", "worker"):
        service = compose["services"][name]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"] and "ports" not in service, name
    assert "ports" not in compose["services"]["database"]
    assert compose["services"]["worker"]["command"] == ["deliver"]


def test_every_setting_of_the_example_is_one_that_the_form_reads(root: Path) -> None:
    lines = (root / "deploy" / "form.env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    code = (root / "form_service" / "settings.py").read_text()
    assert names and [name for name in names if f'"{name}"' not in code] == []
